package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.cli.AgentClient;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A call that a human approved, and whose outcome nobody knows: at the gateway's own port, and behind a real Envoy that is killed while
 * the upstream works. The approval is used, and the call counts as happened and as failed.
 */
@Tag("envoy")
class ApprovedUnknownIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String DOC = TestAgent.READ;
    private static final String BODY = "{\"data\":{}}";

    /** A deletion needs a write that happened for sure; a read needs that none happened for sure. */
    private static final String TEMPLATE = """
            template: approved
            description: Write after an approval
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            allow:
              vault:kv.read: {resource: {path_containment: "secret/docs/payments"}}
              vault:kv.write: {resource: {path_containment: "secret/docs/payments"}, ask: always}
              vault:kv.delete: {resource: {path_containment: "secret/docs/payments"}}
            rules:
              - {precedence: vault:kv.write, before: vault:kv.delete}
              - {absence: vault:kv.read, after: vault:kv.write, when: happened}
            on-violation: {rule: deny, repeated: {denials: 1000, within: 60s, then: interrupt}}
            ask: {%s, limit: {capacity: 100, per: 1h}}
            """.formatted(Approver.BY);

    @TempDir
    private static Path directory;

    private static RawUpstream upstream;
    private static RunningGateway gateway;
    private static OperatorClient operator;

    @BeforeAll
    static void start() {
        upstream = new RawUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .property("vault.uri", upstream.uri())
                .file("tasks/approved.yaml", TEMPLATE)
                .file("application.yaml", AskedRoutesFile.with("vault"))
                .property("errand.decision-service.listen", "unix:" + directory.resolve("decide.sock"))
                .start();
        operator = OperatorClient.of(gateway);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    private static Envoy envoy() {
        return Envoy.before(
                gateway,
                directory,
                List.of(
                        "--vault.uri=" + upstream.uri(),
                        "--errand.decision-service.listen=unix:" + directory.resolve("decide.sock")));
    }

    private static HttpResponse<String> call(URI door, TestAgent agent, String method, @Nullable String body) {
        return new AgentClient(door, RunningGateway.ISSUER, TestAgent.HTTP)
                .call(
                        agent.key().agent(),
                        agent.token(),
                        List.of(),
                        method,
                        DOC,
                        Map.of("Content-Type", "application/json"),
                        body == null ? null : body.getBytes(StandardCharsets.UTF_8));
    }

    private static void approve(HttpResponse<String> refused) {
        assertThat(refused.headers().firstValue("Errand-Code")).hasValue("approval-required");
        assertThat(new Approver(HUMAN, "alice")
                        .approve(gateway, Approver.Asked.of(refused))
                        .statusCode())
                .isEqualTo(200);
    }

    private static List<JsonObject> unknown(TestAgent agent) {
        return OperatorClient.objects(operator.json("/tasks/" + agent.task()), "unknown");
    }

    /** The approved write reaches the upstream, and its outcome reaches nobody. Returns its decision. */
    private static String lost(URI door, TestAgent agent, @Nullable Envoy envoy) throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        upstream.behave((socket, head) -> {
            arrived.countDown();
            over.await();
            return false;
        });
        try (Socket socket = new Socket("127.0.0.1", door.getPort())) {
            RawUpstream.write(
                    socket,
                    "POST " + DOC + " HTTP/1.1\r\nHost: x\r\nAuthorization: DPoP " + agent.token() + "\r\nDPoP: "
                            + agent.dpop("POST", DOC) + "\r\nContent-Type: application/json\r\nContent-Length: "
                            + BODY.length() + "\r\n\r\n" + BODY);
            assertThat(arrived.await(20, TimeUnit.SECONDS)).isTrue();
            if (envoy != null) {
                envoy.kill();
            }
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> !unknown(agent).isEmpty());
        over.countDown();
        upstream.behave((socket, head) -> {
            RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            return true;
        });
        upstream.forget();
        return String.valueOf(unknown(agent).get(0).string("decision"));
    }

    private static void assertUnsure(HttpResponse<String> refused, String decision) {
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
        JsonObject problem = TestAgent.json(refused.body());
        assertThat(problem.string("code")).isEqualTo("rule-violation");
        assertThat(problem.get("unknown")).isEqualTo(new JsonArray(List.of(new JsonString(decision))));
    }

    @ParameterizedTest
    @CsvSource({"false,true", "false,false", "true,true", "true,false"})
    void approvedCall_withoutAnOutcome_usesItsApproval_andHappenedAndFailed(boolean behindEnvoy, boolean happened)
            throws Exception {
        TestAgent agent = TestAgent.start(
                gateway, TestKey.ed25519("agent"), HUMAN.token(), WORKLOADS, "{\"template\":\"approved\"}");
        String decision;
        try (Envoy first = behindEnvoy ? envoy() : null) {
            URI door = first == null ? gateway.address() : first.address();
            approve(call(door, agent, "POST", BODY));
            decision = lost(door, agent, first);
        }
        assertThat(gateway.records())
                .filteredOn(line -> line.contains(decision) && line.contains("\"kind\":\"outcome\""))
                .singleElement()
                .asString()
                .contains("\"upstream_status\":null");
        try (Envoy next = behindEnvoy ? envoy() : null) {
            URI door = next == null ? gateway.address() : next.address();
            HttpResponse<String> again = call(door, agent, "POST", BODY);
            assertThat(again.statusCode()).as("the approval was for one call").isEqualTo(403);
            assertThat(again.headers().firstValue("Errand-Code")).hasValue("approval-required");
            assertUnsure(call(door, agent, "DELETE", null), decision);
            assertUnsure(call(door, agent, "GET", null), decision);
            assertThat(upstream.bytes()).isEmpty();

            assertThat(operator.post(
                                    "/tasks/" + agent.task() + "/outcomes",
                                    "{\"decision\":\"" + decision + "\",\"happened\":" + happened + "}")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(call(door, agent, "DELETE", null).statusCode()).isEqualTo(happened ? 200 : 403);
            assertThat(call(door, agent, "GET", null).statusCode()).isEqualTo(happened ? 403 : 200);
            HttpResponse<String> asked = call(door, agent, "POST", BODY);
            approve(asked);
            assertThat(call(door, agent, "POST", BODY).statusCode()).isEqualTo(200);
            assertThat(call(door, agent, "POST", BODY).statusCode()).isEqualTo(403);
        }
    }
}
