package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.AgentClient;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Envoy asks for the decision about each request (CONTRACT-3 section 18). */
@Tag("envoy")
class EnvoyDecisionsIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String READ = TestAgent.READ;

    @TempDir
    private static Path directory;

    private static RecordingUpstream upstream;
    private static RunningGateway gateway;
    private static Envoy envoy;
    private static TestAgent agent;
    private static Path socket;

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        socket = directory.resolve("decide.sock");
        List<String> properties =
                List.of("--vault.uri=" + upstream.uri(), "--errand.decision-service.listen=unix:" + socket);
        RunningGateway.Builder builder =
                RunningGateway.with().trusting(HUMAN, WORKLOADS).upstream(upstream);
        builder.file("application.yaml", AskedRoutesFile.with("vault"));
        gateway = builder.property("errand.decision-service.listen", "unix:" + socket)
                .start();
        envoy = Envoy.before(gateway, directory, properties);
        agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
    }

    @AfterAll
    static void stop() {
        envoy.close();
        gateway.close();
        upstream.close();
    }

    @BeforeEach
    void forget() {
        upstream.answer(seen -> RecordingUpstream.Answer.of(200, "{\"data\":1}"));
        upstream.forget();
    }

    private static HttpResponse<String> call(
            String method, String path, Map<String, String> headers, @Nullable String body) {
        return new AgentClient(envoy.address(), RunningGateway.ISSUER, TestAgent.HTTP)
                .call(
                        agent.key().agent(),
                        agent.token(),
                        agent.ancestors(),
                        method,
                        path,
                        headers,
                        body == null ? null : body.getBytes(StandardCharsets.UTF_8));
    }

    private static @Nullable String field(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse(null);
    }

    private static String record(String decision, String kind) {
        return gateway.records().stream()
                .filter(line -> line.contains("\"kind\":\"" + kind + "\"") && line.contains(decision))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void socket_isForItsOwnerOnly() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");
    }

    @Test
    void permittedRead_passes_withCredentialAndToken_andIsRecorded() {
        HttpResponse<String> answer = call("GET", READ, Map.of(), null);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"data\":1}");
        assertThat(field(answer, "Errand-Operation")).isEqualTo("vault:kv.read");
        RecordingUpstream.Seen seen = upstream.last();
        assertThat(seen.target()).isEqualTo("/v1/secret/data/docs/payments/a");
        assertThat(seen.header("X-Vault-Token")).isNotNull();
        assertThat(seen.header("Txn-Token")).isNotNull();
        assertThat(seen.header("Signature")).isNotNull();
        assertThat(seen.header("Authorization")).isNull();
        assertThat(seen.header("DPoP")).isNull();
        String decision = String.valueOf(field(answer, "Errand-Decision"));
        assertThat(record(decision, "decision")).contains("\"outcome\":\"permit\"", "\"gateway_name\":\"vault\"");
        assertThat(record(decision, "outcome")).contains("\"upstream_status\":200");
    }

    @Test
    void refusedCall_isAnsweredByErrand_andNothingIsSent() {
        HttpResponse<String> answer = call("GET", "/vault/v1/secret/data/other/x", Map.of(), null);
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(field(answer, "Errand-Code")).isIn("not-granted", "constraint-violated");
        assertThat(field(answer, "Errand-Sent")).isEqualTo("no");
        assertThat(field(answer, "Content-Type")).contains("json");
        assertThat(upstream.seen()).isEmpty();
    }

    @Test
    void write_isJudgedByItsBody_andReachesTheUpstreamWhole() {
        String body = "{\"data\":{\"a\":\"b\"}}";
        HttpResponse<String> answer = call("POST", READ, Map.of("Content-Type", "application/json"), body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(upstream.last().text()).isEqualTo(body);
    }
}
