package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.json.JsonValue.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A real Keycloak as the human's issuer, found by OpenID discovery, whose keys are replaced while the gateway runs. Run by
 * the Maven profile {@code real-servers}.
 */
@Tag("keycloak")
class KeycloakIT {
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static Keycloak keycloak;
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() throws Exception {
        keycloak = new Keycloak(Path.of(System.getProperty("keycloak.home", "")));
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
                                "{issuer: \"" + keycloak.issuer() + "\", discovery: true, audience: errand}"))
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
        keycloak.close();
    }

    @Test
    void start_byAHumanOfKeycloak_goesOnThroughARotationOfItsKeys() throws Exception {
        String first = keycloak.token();
        HttpResponse<String> granted = call(first).send(gateway);
        assertThat(granted.statusCode()).as(granted.body()).isEqualTo(200);
        JsonObject root = Jws.claims(TestAgent.json(granted.body()).string("access_token"));
        assertThat(root.object("sub_id").string("iss")).isEqualTo(keycloak.issuer());
        assertThat(root.string("sub")).isEqualTo(Jws.claims(first).string("sub"));

        String late = keycloak.token();
        keycloak.rotateKeys();
        String next = keycloak.token();
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

    private static TokenCall call(String subjectToken) {
        return TokenCall.start(TestHuman.releaseManager(), WORKLOADS).with("subject_token", subjectToken);
    }
}
