package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

/** A Keycloak with a realm {@code errand}, a release manager in it and a client through which they log in. */
final class Keycloak implements AutoCloseable {
    private static final String ADMIN = "admin";
    static final String PASSWORD = "of-this-test-alone";

    /** A client of a command line: its humans log in by a browser or a device. */
    static final String CLIENT = "errand-cli";

    private static final String REALM = """
            {"realm": "errand", "enabled": true, "sslRequired": "none", "accessTokenLifespan": 600,
             "groups": [{"name": "release-managers"}],
             "users": [{"username": "ada", "enabled": true, "email": "ada@example.org", "emailVerified": true,
               "firstName": "Ada", "lastName": "L", "groups": ["release-managers"],
               "credentials": [{"type": "password", "value": "of-this-test-alone"}]}],
             "clients": [{"clientId": "console", "enabled": true, "publicClient": true,
               "directAccessGrantsEnabled": true, "standardFlowEnabled": false,
               "protocolMappers": [
                 {"name": "groups", "protocol": "openid-connect", "protocolMapper": "oidc-group-membership-mapper",
                  "config": {"claim.name": "groups", "full.path": "false", "access.token.claim": "true"}},
                 {"name": "audience", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
                  "config": {"included.custom.audience": "errand", "access.token.claim": "true"}}]},
              {"clientId": "errand-cli", "enabled": true, "publicClient": true, "standardFlowEnabled": true,
               "directAccessGrantsEnabled": false, "redirectUris": ["http://127.0.0.1/callback"],
               "attributes": {"pkce.code.challenge.method": "S256", "oauth2.device.authorization.grant.enabled": "true"},
               "protocolMappers": [
                 {"name": "groups", "protocol": "openid-connect", "protocolMapper": "oidc-group-membership-mapper",
                  "config": {"claim.name": "groups", "full.path": "false", "access.token.claim": "true"}},
                 {"name": "audience", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
                  "config": {"included.custom.audience": "errand", "access.token.claim": "true"}}]}]}
            """;

    private final String base;
    private final ServerProcess server;

    /** @param home where the distribution was unpacked, for this one alone: it keeps its data there */
    Keycloak(Path home) throws Exception {
        Path program = home.resolve("bin/kc.sh");
        assertThat(program).as("unpacked by the profile real-servers").exists();
        int port = GatewayProcess.freePort();
        base = "http://127.0.0.1:" + port;
        Path imports = Files.createDirectories(home.resolve("data/import"));
        Files.writeString(imports.resolve("errand-realm.json"), REALM);
        server = new ServerProcess(
                home.resolve("keycloak.out"),
                Map.of(
                        "JAVA_HOME",
                        System.getProperty("java.home"),
                        "JAVA_OPTS_APPEND",
                        "-Xmx768m",
                        "KC_BOOTSTRAP_ADMIN_USERNAME",
                        ADMIN,
                        "KC_BOOTSTRAP_ADMIN_PASSWORD",
                        PASSWORD),
                "bash",
                program.toString(),
                "start-dev",
                "--import-realm",
                "--http-host=127.0.0.1",
                "--http-port=" + port);
        await().atMost(Duration.ofMinutes(5))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    server.assertAlive();
                    try {
                        return get(issuer() + "/.well-known/openid-configuration")
                                        .statusCode()
                                == 200;
                    } catch (ConnectException notYet) {
                        return false;
                    }
                });
    }

    String issuer() {
        return base + "/realms/errand";
    }

    /** A fresh access token of the release manager. */
    String token() throws Exception {
        return login("errand", "console", "ada");
    }

    /** A new key signs from now on, and the old ones are gone. */
    void rotateKeys() throws Exception {
        String admin = login("master", "admin-cli", ADMIN);
        for (JsonObject key : providers(admin)) {
            HttpResponse<String> deleted = send(
                    HttpRequest.newBuilder(URI.create(base + "/admin/realms/errand/components/" + key.string("id")))
                            .header("Authorization", "Bearer " + admin)
                            .DELETE());
            assertThat(deleted.statusCode()).isEqualTo(204);
        }
        HttpResponse<String> created = send(HttpRequest.newBuilder(URI.create(base + "/admin/realms/errand/components"))
                .header("Authorization", "Bearer " + admin)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"next\",\"providerId\":\"rsa-generated\","
                        + "\"providerType\":\"org.keycloak.keys.KeyProvider\","
                        + "\"config\":{\"priority\":[\"200\"],\"algorithm\":[\"RS256\"]}}")));
        assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
    }

    private Iterable<JsonObject> providers(String admin) throws Exception {
        HttpResponse<String> all = send(HttpRequest.newBuilder(
                        URI.create(base + "/admin/realms/errand/components?type=org.keycloak.keys.KeyProvider"))
                .header("Authorization", "Bearer " + admin));
        assertThat(all.statusCode()).as(all.body()).isEqualTo(200);
        var array = (dev.errand.json.JsonValue.JsonArray)
                Jws.object("{\"all\":" + all.body() + "}").get("all");
        return array.values().stream()
                .map(JsonObject.class::cast)
                .filter(provider -> "rsa-generated".equals(provider.string("providerId")))
                .toList();
    }

    private String login(String realm, String client, String user) throws Exception {
        Map<String, String> form = Map.of(
                "grant_type",
                "password",
                "client_id",
                client,
                "username",
                user,
                "password",
                PASSWORD,
                "scope",
                "openid");
        HttpResponse<String> answer =
                send(HttpRequest.newBuilder(URI.create(base + "/realms/" + realm + "/protocol/openid-connect/token"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form.entrySet().stream()
                                .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
                                .collect(Collectors.joining("&")))));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return String.valueOf(Jws.object(answer.body()).string("access_token"));
    }

    private static HttpResponse<String> get(String url) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url)));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return TestAgent.HTTP.send(
                request.timeout(Duration.ofSeconds(60)).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        server.close();
    }
}
