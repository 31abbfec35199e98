package dev.errand.cli.login;

import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonArray;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a login asks the provider for. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class LoginOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--client-id",
            required = true,
            paramLabel = "C",
            description = "The client_id of a public client at the provider.")
    private String client;

    @Option(names = "--scope", paramLabel = "S", defaultValue = "openid", description = "Default: ${DEFAULT-VALUE}.")
    private String scope;

    @Option(names = "--resource", paramLabel = "URI", description = "The audience of the token (RFC 8707).")
    private @Nullable String resource;

    @Option(
            names = "--authorization-details",
            paramLabel = "JSON",
            description = "What the human agrees to (RFC 9396): a JSON array.")
    private @Nullable String details;

    @Option(
            names = "--acr-values",
            paramLabel = "A",
            description = "How strongly the human must sign in, as a challenge of the gateway names it (RFC 9470).")
    private @Nullable String acrValues;

    @Option(
            names = "--max-age",
            paramLabel = "S",
            description = "How many seconds ago the human may have signed in; 0 for a new sign-in.")
    private @Nullable Long maxAge;

    /** The login; a usage error for details that are no JSON array, and for an age below 0. */
    Login login() {
        if (maxAge != null && maxAge < 0) {
            throw new ParameterException(spec.commandLine(), "--max-age must be 0 or more seconds, was " + maxAge);
        }
        if (details != null && !isArray(details)) {
            throw new ParameterException(spec.commandLine(), "--authorization-details must be a JSON array");
        }
        return new Login(client, scope, resource, details, acrValues, maxAge);
    }

    private static boolean isArray(String text) {
        try {
            return Json.parse(text) instanceof JsonArray;
        } catch (MalformedJsonException e) {
            return false;
        }
    }
}
