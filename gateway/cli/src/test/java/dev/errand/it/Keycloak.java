package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.FreePort;
import dev.errand.json.JsonValue.JsonObject;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A Keycloak in a process of its own. A test makes its realm in it. */
final class Keycloak implements AutoCloseable {
    /** Of every human. */
    static final String PASSWORD = "of-this-test-alone";

    private static final String ADMIN = "admin";
    private static final Duration STARTS = Duration.ofMinutes(10);

    private final String base;
    private final ServerProcess server;

    /** @param home where the distribution was unpacked, for this one alone: it keeps its data there */
    Keycloak(Path home) throws Exception {
        Path program = home.resolve("bin/kc.sh");
        assertThat(program).as("unpacked by the profile real-servers").exists();
        int port = FreePort.next();
        base = "http://127.0.0.1:" + port;
        server = new ServerProcess(
                home.resolve("keycloak.out"),
                Map.of(
                        "JAVA_HOME",
                        System.getProperty("java.home"),
                        "JAVA_OPTS_APPEND",
                        // A short life, as that of a gateway that a test starts.
                        "-Xmx768m -XX:TieredStopAtLevel=1",
                        "KC_BOOTSTRAP_ADMIN_USERNAME",
                        ADMIN,
                        "KC_BOOTSTRAP_ADMIN_PASSWORD",
                        PASSWORD),
                "bash",
                program.toString(),
                "start-dev",
                "--features=token-exchange,admin-fine-grained-authz:v1",
                "--log-level=INFO,org.keycloak.broker:debug",
                "--http-host=127.0.0.1",
                "--http-port=" + port);
        await().atMost(STARTS).pollInterval(Duration.ofSeconds(1)).until(() -> {
            server.assertAlive();
            try {
                return send(HttpRequest.newBuilder(URI.create(issuer("master") + "/.well-known/openid-configuration")))
                                .statusCode()
                        == 200;
            } catch (ConnectException notYet) {
                return false;
            }
        });
    }

    /** A realm, made anew. */
    KeycloakRealm realm(String name, String representation) throws Exception {
        HttpResponse<String> gone = ask("DELETE", "/" + name, null);
        assertThat(gone.statusCode()).as(gone.body()).isIn(204, 404);
        HttpResponse<String> made = ask("POST", "", representation);
        assertThat(made.statusCode()).as(made.body() + server.said()).isEqualTo(201);
        return new KeycloakRealm(this, name);
    }

    String issuer(String realm) {
        return base + "/realms/" + realm;
    }

    /** Asks its administration, as the administrator. */
    HttpResponse<String> ask(String method, String path, @Nullable String body) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(base + "/admin/realms" + path))
                .header("Authorization", "Bearer " + login("master", "admin-cli", ADMIN))
                .header("Content-Type", "application/json")
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body)));
    }

    /** A fresh access token by the human's password, as a client that may ask so. */
    String login(String realm, String client, String user) throws Exception {
        JsonObject answer = Jws.object(post(
                        issuer(realm) + "/protocol/openid-connect/token",
                        Map.of(
                                "grant_type",
                                "password",
                                "client_id",
                                client,
                                "username",
                                user,
                                "password",
                                PASSWORD,
                                "scope",
                                "openid"))
                .body());
        return String.valueOf(answer.string("access_token"));
    }

    /** The answer to a form; a failure where it is none of success. */
    static HttpResponse<String> post(String url, Map<String, String> form) throws Exception {
        HttpResponse<String> answer = send(HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form.entrySet().stream()
                        .map(field ->
                                field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&")))));
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
        return answer;
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return TestAgent.HTTP.send(request.timeout(Duration.ofSeconds(60)).build(), BodyHandlers.ofString());
    }

    /** All that it said so far. */
    String said() {
        return server.said();
    }

    @Override
    public void close() {
        server.close();
    }
}
