package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.json.JsonValue.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A real Keycloak as the human's issuer, found by OpenID discovery, whose keys are replaced while the gateway runs. Run by
 * {@link KeycloakIT}.
 */
abstract class KeycloakStart {
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String CONSOLE = """
            {"clientId": "console", "enabled": true, "publicClient": true, "directAccessGrantsEnabled": true,
             "standardFlowEnabled": false, "protocolMappers": %s}""".formatted(KeycloakRealm.mappers("errand"));

    private static KeycloakRealm realm;
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() throws Exception {
        realm = KeycloakIT.keycloak.realm("errand", KeycloakRealm.text("errand", "", CONSOLE, ""));
        upstream = new RecordingUpstream();
        String shipped = Files.readString(RunningGateway.repository().resolve("config/application.yaml"));
        gateway = RunningGateway.with()
                .trusting(TestHuman.releaseManager(), WORKLOADS)
                .upstream(upstream)
                .file(
                        "application.yaml",
                        Edit.replace(
                                shipped,
                                "{issuer: \"https://idp.example.org\", jwks: \"file:idp.jwks\", audience: errand}",
                                "{issuer: \"" + realm.issuer() + "\", discovery: true, audience: errand}"))
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @Test
    void start_byAHumanOfKeycloak_goesOnThroughARotationOfItsKeys() throws Exception {
        String first = token();
        HttpResponse<String> granted = call(first).send(gateway);
        assertThat(granted.statusCode()).as(granted.body()).isEqualTo(200);
        JsonObject root = Jws.claims(TestAgent.json(granted.body()).string("access_token"));
        assertThat(root.object("sub_id").string("iss")).isEqualTo(realm.issuer());
        assertThat(root.string("sub")).isEqualTo(Jws.claims(first).string("sub"));

        String late = token();
        realm.rotateKeys();
        String next = token();
        assertThat(Jws.header(next)).isNotEqualTo(Jws.header(first));
        // The unknown kid is asked for once the cool-down of the last fetch is over.
        await().atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(
                        () -> assertThat(call(next).send(gateway).statusCode()).isEqualTo(200));
        HttpResponse<String> gone = call(late).send(gateway);
        assertThat(gone.statusCode()).isEqualTo(400);
        assertThat(TestAgent.json(gone.body()).string("error")).isEqualTo("invalid_request");
    }

    @Test
    void start_byATokenThatAnotherRealmSigned_isInvalidRequest() {
        HttpResponse<String> answer = call(TestHuman.releaseManager().token()).send(gateway);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(TestAgent.json(answer.body()).string("error")).isEqualTo("invalid_request");
    }

    private static String token() throws Exception {
        return KeycloakIT.keycloak.login(realm.name(), "console", "ada");
    }

    private static TokenCall call(String subjectToken) {
        return TokenCall.start(TestHuman.releaseManager(), WORKLOADS).with("subject_token", subjectToken);
    }
}
