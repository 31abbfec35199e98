package dev.errand.gateway.cli.login;

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

    @Option(names = "--client-id", required = true, paramLabel = "C", description = "A public client there.")
    private String client;

    @Option(names = "--scope", paramLabel = "S", defaultValue = "openid", description = "Default: ${DEFAULT-VALUE}.")
    private String scope;

    @Option(names = "--resource", paramLabel = "URI", description = "For whom the token is to be (RFC 8707).")
    private @Nullable String resource;

    @Option(
            names = "--authorization-details",
            paramLabel = "JSON",
            description = "What the human agrees to (RFC 9396): a JSON array.")
    private @Nullable String details;

    /** The login; a usage error for details that are no JSON array. */
    Login login() {
        if (details != null && !isArray(details)) {
            throw new ParameterException(spec.commandLine(), "--authorization-details must be a JSON array");
        }
        return new Login(client, scope, resource, details);
    }

    private static boolean isArray(String text) {
        try {
            return Json.parse(text) instanceof JsonArray;
        } catch (MalformedJsonException e) {
            return false;
        }
    }
}
