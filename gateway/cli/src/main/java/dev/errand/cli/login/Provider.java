package dev.errand.cli.login;

import dev.errand.holder.AgentException;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.signin.ProviderMetadata;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An identity provider's metadata (OpenID Connect Discovery section 4, RFC 8414 section 3). Immutable.
 *
 * @param issuer its identifier
 * @param metadata the whole document
 */
record Provider(String issuer, JsonObject metadata) {
    /** Asks the provider; an {@link AgentException} if it does not answer as that issuer. */
    static Provider discover(String issuer, ProviderHttp http) {
        int lastStatus = 0;
        for (URI document : documents(issuer)) {
            ProviderHttp.Answer answer = http.get(document);
            if (answer.status() == 200) {
                String named = answer.body().string("issuer");
                if (!issuer.equals(named)) {
                    throw new AgentException(
                            document + " names " + (named == null ? "no issuer" : "the issuer '" + named + "'")
                                    + ", not '" + issuer + "': write --issuer as the provider does");
                }
                return new Provider(issuer, answer.body());
            }
            lastStatus = answer.status();
        }
        throw new AgentException("'" + issuer + "' has no discovery document (answered " + lastStatus
                + "): --issuer is the address without /.well-known/…");
    }

    private static List<URI> documents(String issuer) {
        try {
            return ProviderMetadata.documents(issuer);
        } catch (IllegalArgumentException e) {
            throw new AgentException("--issuer: '" + issuer + "' is no address: write https://host[/path]");
        }
    }

    /** An endpoint that the login needs; an {@link AgentException} if the provider does not have it. */
    URI endpoint(String name, String otherwise) {
        String url = metadata.string(name);
        if (url == null) {
            throw new AgentException("'" + issuer + "' has no " + name + ": " + otherwise);
        }
        try {
            return URI.create(url);
        } catch (IllegalArgumentException e) {
            throw new AgentException("the " + name + " of '" + issuer + "' is no address");
        }
    }

    /** The provider's reason for a refusal, as text for people. */
    static String error(JsonObject answer, int status) {
        String error = answer.string("error");
        String description = answer.string("error_description");
        return (error == null ? "status " + status : error) + described(description);
    }

    static String described(@Nullable String description) {
        return description == null || description.isBlank() ? "" : " (" + description + ")";
    }
}
