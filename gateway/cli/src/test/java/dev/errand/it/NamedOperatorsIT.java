package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.fleet.ReplicaTokens;
import dev.errand.fleet.Replicas;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Operators by name, by token or by their identity provider; and what a replica may ask. */
class NamedOperatorsIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String ALICE = "a-token-of-alice-that-is-long-enough";
    private static final String BOARD = "a-token-of-a-dashboard-that-is-long-enough";

    @TempDir
    static Path temporary;

    private static RecordingUpstream upstream;
    private static RunningGateway gateway;
    private static OperatorClient operator;

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        RunningGateway.Builder builder = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .file("alice-token", ALICE + "\n")
                .file("board-token", BOARD + "\n");
        named(builder, 0, "alice", "OPERATE").property("errand.operators[0].token-file", "file:alice-token");
        named(builder, 1, "board", "VIEW").property("errand.operators[1].token-file", "file:board-token");
        provided(named(builder, 2, "lookers", "VIEW"), 2, "everybody");
        provided(named(builder, 3, "on-call", "OPERATE"), 3, "sre");
        gateway = builder.start();
        operator = OperatorClient.of(gateway);
    }

    private static RunningGateway.Builder named(RunningGateway.Builder builder, int place, String name, String role) {
        return builder.property("errand.operators[" + place + "].name", name)
                .property("errand.operators[" + place + "].role", role);
    }

    private static void provided(RunningGateway.Builder builder, int place, String group) {
        String entry = "errand.operators[" + place + "].";
        builder.property(entry + "issuer", HUMAN.issuer())
                .property(entry + "jwks", "file:idp.jwks")
                .property(entry + "audience", "errand-operators")
                .property(entry + "claim", "groups")
                .property(entry + "any[0]", group);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    private static String jwt(String audience, String group, String more) {
        long now = Instant.now().getEpochSecond();
        return HUMAN.sign("{\"iss\":\"" + HUMAN.issuer() + "\",\"sub\":\"ops:1\",\"aud\":\"" + audience + "\",\"iat\":"
                + now + ",\"exp\":" + (now + 600) + ",\"groups\":[\"" + group + "\"]" + more + "}");
    }

    private static TestAgent agent() {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        assertThat(agent.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
        return agent;
    }

    private static int interrupt(String credential, TestAgent agent) {
        return operator.as(credential)
                .post("/tasks/" + agent.task() + "/interrupt", "{\"why\":\"seen by " + credential.length() + "\"}")
                .statusCode();
    }

    @Test
    void roleView_looks_andChangesNothing() {
        TestAgent agent = agent();
        for (String credential : List.of(BOARD, jwt("errand-operators", "everybody", ""))) {
            OperatorClient viewer = operator.as(credential);
            for (String path : List.of("/tasks", "/replicas", "/locks", "/configuration", "/decisions")) {
                assertThat(viewer.get(path).statusCode()).as(path).isEqualTo(200);
            }
            assertThat(viewer.get("/actuator/health").body()).contains("components", "replicas");
            assertThat(interrupt(credential, agent)).isEqualTo(403);
            assertThat(viewer.post("/tasks/interrupt", "{\"all\":true,\"why\":\"x\"}")
                            .statusCode())
                    .isEqualTo(403);
            assertThat(viewer.delete("/locks/l-1").statusCode()).isEqualTo(403);
            assertThat(viewer.delete("/replicas/g-1").statusCode()).isEqualTo(403);
        }
        assertThat(agent.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
    }

    @Test
    void changes_areRecordedWithTheName() {
        String both = jwt("errand-operators", "everybody\",\"sre", "");
        String nobody = "\",\"iss\":null,\"sub\":null,";
        String human = "\",\"iss\":\"" + HUMAN.issuer() + "\",\"sub\":\"ops:1\",";
        for (List<String> each : List.of(
                List.of(ALICE, "alice", nobody),
                List.of(both, "on-call", human),
                List.of(gateway.operatorToken(), "operator", nobody))) {
            TestAgent agent = agent();
            assertThat(interrupt(each.get(0), agent)).as(each.get(1)).isEqualTo(200);
            assertThat(gateway.records())
                    .anyMatch(line -> line.startsWith("{\"kind\":\"operator\"")
                            && line.contains(agent.task())
                            && line.contains("\"by\":\"operator:" + each.get(1) + each.get(2)));
            // The record of the ending follows the answer.
            await().until(() -> gateway.records().stream()
                    .anyMatch(line -> line.startsWith("{\"kind\":\"ended\"")
                            && line.contains(agent.task())
                            && line.contains("\"by\":\"operator:" + each.get(1) + each.get(2))));
            assertThat(agent.get(gateway, TestAgent.READ).body())
                    .contains("ended by an operator")
                    .doesNotContain("seen by");
        }
    }

    @Test
    void interrupt_thatTells_tellsTheAgent() {
        TestAgent agent = agent();
        assertThat(operator.post("/tasks/" + agent.task() + "/interrupt", "{\"why\":\"wrong project\",\"tell\":true}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(agent.get(gateway, TestAgent.READ).body()).contains("wrong project");
    }

    @Test
    void aliveMetric_needsNoCredential_andMetricsTheRoleViewAlone() {
        int port = gateway.managementPort();
        RawHttp.Response alive = RawHttp.send(port, "GET", "/actuator/health/up", List.of());
        assertThat(alive.status()).isEqualTo(200);
        assertThat(alive.header("Content-Type")).startsWith("text/plain;version=0.0.4");
        assertThat(alive.body()).endsWith("errand_up 1\n").doesNotContain("errand_tasks");
        assertThat(RawHttp.send(port, "POST", "/actuator/health/up", List.of()).status())
                .isNotEqualTo(200);
        assertThat(RawHttp.send(port, "GET", "/actuator/prometheus", List.of()).status())
                .isEqualTo(401);
        assertThat(RawHttp.send(port, "GET", "/actuator/prometheus", List.of("Authorization: Bearer " + BOARD))
                        .body())
                .contains("errand_tasks");
    }

    @Test
    void token_isReadAgain_andBothAreGoodForAWhile() throws Exception {
        Path file = gateway.directory().resolve("board-token");
        String fresh = "another-token-of-a-dashboard-that-is-long-enough";
        try {
            Files.writeString(file, fresh);
            await().until(() -> operator.as(fresh).get("/tasks").statusCode() == 200);
            assertThat(operator.as(BOARD).get("/tasks").statusCode()).isEqualTo(200);
            Files.writeString(file, "short");
            await().until(() -> operator.get("/configuration").body().contains("fewer than 32 characters"));
            assertThat(operator.as(fresh).get("/tasks").statusCode()).isEqualTo(200);
        } finally {
            Files.writeString(file, BOARD);
            await().until(() -> !operator.get("/configuration").body().contains("fewer than 32 characters"));
        }
        assertThat(operator.as(BOARD).get("/tasks").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tasks/interrupt", "/tasks/t-unknown/interrupt", "/tasks/t-unknown/outcomes"})
    void body_hasAtMost64KiB(String path) {
        String most = " ".repeat(64 * 1024 - 9) + "{\"why\":1}";
        assertThat(operator.post(path, most).statusCode()).isEqualTo(400);
        HttpResponse<String> tooLong = operator.post(path, " " + most);
        assertThat(tooLong.statusCode()).isEqualTo(413);
        assertThat(tooLong.body()).contains("the body has more than 65536 bytes");
        String chunks = "20000\r\n" + " ".repeat(0x20000) + "\r\n";
        byte[] chunked = ("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer "
                        + ALICE + "\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks.repeat(3) + "0\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        assertThat(RawHttp.exchange(gateway.managementPort(), chunked).status()).isEqualTo(413);
        assertThat(operator.as("x".repeat(40)).post(path, " " + most).statusCode())
                .isEqualTo(401);
    }

    @Test
    void jwts_thatAreNotForOperators_openNothing() {
        String good = jwt("errand-operators", "sre", "");
        assertThat(operator.as(good).get("/tasks").statusCode()).isEqualTo(200);
        for (String bad : List.of(
                jwt("errand", "sre", ""),
                jwt("errand-operators", "release-managers", ""),
                jwt(
                        "errand-operators",
                        "sre",
                        ",\"cnf\":{\"jkt\":\"" + HUMAN.key().thumbprint() + "\"}"),
                // The thumbprint of zero bytes: no key has it.
                jwt("errand-operators", "sre", ",\"cnf\":{\"jkt\":\"" + "A".repeat(43) + "\"}"),
                jwt("errand-operators", "sre", ",\"cnf\":{}"),
                jwt("errand-operators", "sre", ",\"cnf\":null"),
                HUMAN.token(),
                good.substring(0, good.length() - 4) + "AAAA",
                TestKey.ed25519("idp-1").jws(Jws.header(good), Jws.payload(good)))) {
            assertThat(operator.as(bad).get("/tasks").statusCode()).isEqualTo(401);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tasks", "/replicas", "/locks", "/configuration", "/actuator/prometheus", "/console"})
    void replicasToken_opensNothingElse(String path) {
        assertThat(operator.as(replicasToken()).get(path).statusCode()).isEqualTo(403);
    }

    private static String url() {
        return "http://127.0.0.1:" + gateway.managementPort();
    }

    private static String replicasToken() {
        return gateway.context().getBean(ReplicaTokens.class).make("g-other", url());
    }

    @Test
    void replicasToken_isGoodOnce_forThisReplica_andTellsItsOwnLogOnly() {
        TestAgent agent = agent();
        String token = replicasToken();
        assertThat(operator.as(token).json("/tasks/" + agent.task()).members()).containsOnlyKeys("records", "omitted");
        assertThat(operator.as(token).get("/tasks/" + agent.task()).statusCode())
                .isEqualTo(401);
        assertThat(operator.as(replicasToken()).get("/decisions").statusCode()).isEqualTo(200);
        assertThat(operator.as(replicasToken()).get("/decisions/d-unknown").statusCode())
                .isEqualTo(404);
        assertThat(operator.as(replicasToken())
                        .post("/tasks/" + agent.task() + "/interrupt", "{\"why\":\"x\"}")
                        .statusCode())
                .isEqualTo(403);
        assertThat(gateway.context().getBean(Replicas.class).instance()).startsWith("g-");
        String another = gateway.context().getBean(ReplicaTokens.class).make("g-other", "http://127.0.0.1:1");
        assertThat(operator.as(another).get("/decisions").statusCode()).isEqualTo(401);
    }
}
