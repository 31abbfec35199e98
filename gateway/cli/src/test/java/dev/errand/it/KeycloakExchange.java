package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.FreePort;
import dev.errand.Patience;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code token-exchange} at a real Keycloak, set up as docs/credentials.md says: the gateway's credential issuer is an
 * identity provider of the realm, and two clients may exchange its tokens, one by a secret and one by a key. Whether a token is dead,
 * Keycloak itself tells, by introspection. Run by {@link KeycloakIT}.
 */
abstract class KeycloakExchange {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String PROVIDER = "errand-tasks";
    private static final String SECRET = "a-secret-of-this-test";

    private static final String CLIENTS = """
            {"clientId": "errand-secret", "enabled": true, "secret": "a-secret-of-this-test", "standardFlowEnabled": false},
            {"clientId": "errand-key", "enabled": true, "standardFlowEnabled": false, "clientAuthenticatorType": "client-jwt",
             "attributes": {"use.jwks.url": "true", "jwks.url": "%1$s/.well-known/jwks.json",
              "token.endpoint.auth.signing.alg": "ES256"}},
            {"clientId": "tickets", "enabled": true, "secret": "a-secret-of-this-test", "standardFlowEnabled": false}
            """;

    private static final String ISSUER = """
            , "identityProviders": [{"alias": "errand-tasks", "providerId": "oidc", "enabled": true, "config": {
               "issuer": "%1$s", "useJwksUrl": "true", "jwksUrl": "%1$s/.well-known/jwks.json", "validateSignature": "true",
               "disableTypeClaimCheck": "true", "disableUserInfo": "true", "clientId": "errand", "clientSecret": "unused",
               "authorizationUrl": "%1$s/unused", "tokenUrl": "%1$s/unused"}}]
            """;

    @TempDir
    private static Path directory;

    private static KeycloakRealm realm;
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() throws Exception {
        int port = FreePort.next();
        String issuer = "http://127.0.0.1:" + port + "/credentials";
        realm = KeycloakIT.keycloak.realm(
                "exchange", KeycloakRealm.text("exchange", "", CLIENTS.formatted(issuer), ISSUER.formatted(issuer)));
        permit();
        upstream = new RecordingUpstream();
        RunningGateway.Builder builder = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file(
                        "application.yaml",
                        FrontedServer.application("ci", upstream.uri(), List.of("UpstreamCredential=errand-secret"))
                                .replace(
                                        "errand:\n",
                                        "    - {id: by-key, uri: \"" + upstream.uri()
                                                + "\", predicates: [Path=/by-key/**],"
                                                + " filters: [StripPrefix=1, OperationMapping=ci,"
                                                + " UpstreamCredential=errand-key]}\nerrand:\n"))
                .file("tasks/work.yaml", FrontedServer.template(FrontedServer.everything("ci")))
                .file("secret", SECRET)
                .property("server.port", Integer.toString(port))
                .property("errand.credential-issuer", issuer)
                .property("errand.credential-keys", "file:" + CredentialKeysFile.in(directory));
        for (String client : List.of("errand-secret", "errand-key")) {
            String kind = "errand.upstreams." + client + ".token-exchange.";
            builder.property(kind + "endpoint", realm.endpoint("token"))
                    .property(kind + "revocation-endpoint", realm.endpoint("revoke"))
                    .property(kind + "audience", "tickets")
                    .property(kind + "client.id", client);
        }
        gateway = builder.property("errand.upstreams.errand-secret.token-exchange.client.secret-file", "file:secret")
                .property("errand.upstreams.errand-key.token-exchange.client.key", "credential")
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    /** The two clients may exchange tokens of the identity provider, for the audience {@code tickets}. */
    private static void permit() throws Exception {
        String server = "/clients/" + realm.idOf("realm-management") + "/authz/resource-server";
        List<String> asked = List.of(
                "/identity-provider/instances/" + PROVIDER + "/management/permissions",
                "/clients/" + realm.idOf("tickets") + "/management/permissions");
        String policy = null;
        for (String path : asked) {
            String id = realm.one("PUT", path, "{\"enabled\":true}")
                    .object("scopePermissions")
                    .string("token-exchange");
            if (policy == null) {
                policy = realm.one(
                                "POST",
                                server + "/policy/client",
                                "{\"name\":\"errand\",\"logic\":\"POSITIVE\",\"clients\":[\""
                                        + realm.idOf("errand-secret") + "\",\"" + realm.idOf("errand-key") + "\"]}")
                        .string("id");
            }
            String permission = server + "/permission/scope/" + id;
            realm.ask(
                    "PUT",
                    permission,
                    "{\"id\":\"" + id + "\",\"name\":\""
                            + realm.one("GET", permission, null).string("name")
                            + "\",\"type\":\"scope\",\"logic\":\"POSITIVE\",\"decisionStrategy\":\"UNANIMOUS\",\"resources\":"
                            + all(server + "/policy/" + id + "/resources", "_id") + ",\"scopes\":"
                            + all(server + "/policy/" + id + "/scopes", "id") + ",\"policies\":[\"" + policy + "\"]}");
        }
    }

    private static String all(String path, String member) throws Exception {
        return realm.list(path).stream()
                .map(one -> "\"" + one.string(member) + "\"")
                .toList()
                .toString();
    }

    /** What Keycloak tells a resource about a token. */
    private static JsonObject introspected(String token) throws Exception {
        return Jws.object(Keycloak.post(
                        realm.endpoint("token/introspect"),
                        Map.of("token", token, "client_id", "tickets", "client_secret", SECRET))
                .body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ci", "by-key"})
    void token_isOfKeycloak_forTheTaskAlone_andDeadWithin2SecondsOfItsEnd(String route) throws Exception {
        String start = "{\"template\":\"work\",\"parameters\":{}}";
        TestAgent one = TestAgent.start(gateway, TestKey.ed25519("a"), HUMAN.token(), WORKLOADS, start);
        TestAgent two = TestAgent.start(gateway, TestKey.ed25519("b"), HUMAN.token(), WORKLOADS, start);
        String first = sent(one, route);
        String second = sent(two, route);
        assertThat(first).isNotEqualTo(second);
        JsonObject claims = Jws.claims(first);
        assertThat(claims.string("iss")).isEqualTo(realm.issuer());
        assertThat(introspected(first).get("active")).isEqualTo(new JsonBoolean(true));
        one.end(gateway);
        await().atMost(Patience.of(Duration.ofSeconds(2)))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> introspected(first).get("active").equals(new JsonBoolean(false)));
        assertThat(introspected(second).get("active")).as("the other task's").isEqualTo(new JsonBoolean(true));
    }

    /** The token that a call had. The gateway waits two seconds for one: a Keycloak that has just started may need longer. */
    private static String sent(TestAgent agent, String route) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> {
                    HttpResponse<String> answer = agent.get(gateway, "/" + route + "/api/v1/pipelines/payments/runs");
                    assertThat(answer.statusCode())
                            .as(answer.body() + KeycloakIT.keycloak.said())
                            .isEqualTo(200);
                });
        String header = String.valueOf(upstream.last().header("Authorization"));
        assertThat(header).startsWith("Bearer ");
        return header.substring("Bearer ".length());
    }
}
