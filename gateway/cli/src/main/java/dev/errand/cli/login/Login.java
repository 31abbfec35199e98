package dev.errand.cli.login;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a login asks for. Immutable.
 *
 * @param client the public client's identifier
 * @param scope as RFC 6749 section 3.3 has it
 * @param resource the server that the token is for (RFC 8707), or null
 * @param details the {@code authorization_details} (RFC 9396), a JSON array, or null
 * @param acrValues how strongly the human must sign in (OpenID Connect Core section 3.1.2.1), or null
 * @param maxAgeSeconds how long ago the human may have signed in, or null
 */
record Login(
        String client,
        String scope,
        @Nullable String resource,
        @Nullable String details,
        @Nullable String acrValues,
        @Nullable Long maxAgeSeconds) {
    /** The parameters that every first request of a login has. */
    Map<String, String> parameters() {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("client_id", client);
        parameters.put("scope", scope);
        if (resource != null) {
            parameters.put("resource", resource);
        }
        if (details != null) {
            parameters.put("authorization_details", details);
        }
        if (acrValues != null) {
            parameters.put("acr_values", acrValues);
        }
        if (maxAgeSeconds != null) {
            parameters.put("max_age", maxAgeSeconds.toString());
        }
        return parameters;
    }

    /** The parameters of every request to the token endpoint. */
    Map<String, String> tokenParameters(String grantType) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("grant_type", grantType);
        parameters.put("client_id", client);
        if (resource != null) {
            parameters.put("resource", resource);
        }
        return parameters;
    }
}
