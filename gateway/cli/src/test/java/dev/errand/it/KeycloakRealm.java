package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A realm of a {@link Keycloak}.
 *
 * @param name part of its issuer
 */
record KeycloakRealm(Keycloak server, String name) {
    /** A public client of a command line: its humans log in by a browser or a device. */
    static final String CLIENT = "errand-cli";

    /** Mappers that put the human's groups and an audience into the tokens of a client. */
    static String mappers(String audience) {
        return """
                [{"name": "groups", "protocol": "openid-connect", "protocolMapper": "oidc-group-membership-mapper",
                  "config": {"claim.name": "groups", "full.path": "false", "access.token.claim": "true", "id.token.claim": "true"}},
                 {"name": "audience", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
                  "config": {"included.custom.audience": "%s", "access.token.claim": "true", "id.token.claim": "true"}}]""".formatted(audience);
    }

    /**
     * The text of a realm with the release manager {@code ada}.
     *
     * @param credentials more of hers, in JSON, behind a comma
     * @param clients in JSON, with commas between them
     * @param more members of the realm, behind a comma
     */
    static String text(String name, String credentials, String clients, String more) {
        return """
                {"realm": "%s", "enabled": true, "sslRequired": "none", "accessTokenLifespan": 600,
                 "groups": [{"name": "release-managers"}],
                 "users": [{"username": "ada", "enabled": true, "email": "ada@example.org", "emailVerified": true,
                   "firstName": "Ada", "lastName": "L", "groups": ["release-managers"],
                   "credentials": [{"type": "password", "value": "%s"}%s]}],
                 "clients": [%s]%s}
                """.formatted(name, Keycloak.PASSWORD, credentials, clients, more);
    }

    /** The client of a command line, in JSON. */
    static String commandLine(String audience) {
        return """
                {"clientId": "errand-cli", "enabled": true, "publicClient": true, "standardFlowEnabled": true,
                 "directAccessGrantsEnabled": false, "redirectUris": ["http://127.0.0.1/callback"],
                 "attributes": {"pkce.code.challenge.method": "S256", "oauth2.device.authorization.grant.enabled": "true"},
                 "protocolMappers": %s}""".formatted(mappers(audience));
    }

    String issuer() {
        return server.issuer(name);
    }

    /** An endpoint for programs, such as {@code token}. */
    String endpoint(String what) {
        return issuer() + "/protocol/openid-connect/" + what;
    }

    /** Asks its administration; a failure where the answer is none of success. */
    HttpResponse<String> ask(String method, String path, @Nullable String body) throws Exception {
        HttpResponse<String> answer = server.ask(method, "/" + name + path, body);
        assertThat(answer.statusCode())
                .as(method + " " + path + ": " + answer.body())
                .isLessThan(300);
        return answer;
    }

    JsonObject one(String method, String path, @Nullable String body) throws Exception {
        return Jws.object(ask(method, path, body).body());
    }

    List<JsonObject> list(String path) throws Exception {
        JsonArray all = (JsonArray)
                Jws.object("{\"all\":" + ask("GET", path, null).body() + "}").get("all");
        return all.values().stream().map(JsonObject.class::cast).toList();
    }

    /** What the administration calls a client. */
    String idOf(String client) throws Exception {
        return String.valueOf(list("/clients?clientId=" + client).get(0).string("id"));
    }

    /** A new key signs from now on, and the old ones are gone. */
    void rotateKeys() throws Exception {
        for (JsonObject key : list("/components?type=org.keycloak.keys.KeyProvider")) {
            if ("rsa-generated".equals(key.string("providerId"))) {
                ask("DELETE", "/components/" + key.string("id"), null);
            }
        }
        ask(
                "POST",
                "/components",
                "{\"name\":\"next\",\"providerId\":\"rsa-generated\",\"providerType\":\"org.keycloak.keys.KeyProvider\","
                        + "\"config\":{\"priority\":[\"200\"],\"algorithm\":[\"RS256\"]}}");
    }
}
