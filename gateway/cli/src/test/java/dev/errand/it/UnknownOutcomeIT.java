package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Writes whose outcome is unknown, and steps that count when they are sent. */
class UnknownOutcomeIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String DOC = "/vault/v1/secret/data/docs/payments/a";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    private static final Duration SOON = Duration.ofSeconds(10);

    /** By default a violation of the plan or of a rule ends the task. */
    private static final String UNSURE = """
            template: unsure
            description: Write once, then read and delete
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            parameters: {project: "[a-z][a-z0-9-]{0,39}"}
            allow:
              vault:kv.read: {resource: {path_containment: "secret/docs/{project}"}}
              vault:kv.write: {resource: {path_containment: "secret/docs/{project}"}}
              vault:kv.delete: {resource: {path_containment: "secret/docs/{project}"}}
            sequence:
              - vault:kv.write
              - vault:kv.read: 0..*
            interleave: [vault:kv.delete]
            rules:
              - {precedence: vault:kv.write, before: vault:kv.delete}
            """;

    private static final String HANDED = """
            template: handed
            description: Write once, and read as soon as the write was sent
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            parameters: {project: "[a-z][a-z0-9-]{0,39}"}
            allow:
              vault:kv.read: {resource: {path_containment: "secret/docs/{project}"}}
              vault:kv.write: {resource: {path_containment: "secret/docs/{project}"}}
            sequence:
              - vault:kv.write: {outcome: sent}
              - vault:kv.read
            """;

    private static RawUpstream upstream;
    private static RunningGateway gateway;
    private static OperatorClient operator;

    @BeforeAll
    static void start() {
        upstream = new RawUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file("tasks/unsure.yaml", UNSURE)
                .file("tasks/handed.yaml", HANDED)
                .property("vault.uri", upstream.uri())
                .property("spring.cloud.gateway.server.webflux.httpclient.response-timeout", "2s")
                .route("{id: slow, uri: \"" + upstream.uri()
                        + "\", predicates: [Path=/slow/**], filters: [StripPrefix=1,"
                        + " OperationMapping=vault], metadata: {response-timeout: 20000}}")
                .start();
        operator = OperatorClient.of(gateway);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @BeforeEach
    void forget() {
        answer();
        upstream.forget();
    }

    private static void answer() {
        upstream.behave((socket, head) -> {
            RawUpstream.write(socket, OK);
            return true;
        });
    }

    private static TestAgent started(String template) {
        return Templates.started(gateway, HUMAN, WORKLOADS, template);
    }

    private static HttpResponse<String> write(TestAgent agent) {
        return agent.call(gateway, "POST", DOC, "{}");
    }

    private static String member(HttpResponse<String> answer, String name) {
        return String.valueOf(TestAgent.json(answer.body()).string(name));
    }

    private static HttpResponse<String> settle(TestAgent agent, String decision, boolean happened) {
        return operator.post(
                "/tasks/" + agent.task() + "/outcomes",
                "{\"decision\":\"" + decision + "\",\"happened\":" + happened + "}");
    }

    /** The head of a write and the first bytes of its body of ten, as a client sends them that is held up. */
    private static Socket writing(TestAgent agent, String begun) throws IOException {
        Socket socket = new Socket("127.0.0.1", gateway.port());
        socket.setSoTimeout((int) SOON.toMillis());
        RawUpstream.write(
                socket,
                "POST " + DOC + " HTTP/1.1\r\nHost: x\r\nAuthorization: DPoP " + agent.token() + "\r\nDPoP: "
                        + agent.dpop("POST", DOC) + "\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n"
                        + begun);
        return socket;
    }

    private static List<JsonObject> unknown(TestAgent agent) {
        return OperatorClient.objects(operator.json("/tasks/" + agent.task()), "unknown");
    }

    /** The write's decision; it was sent and had no answer. */
    private static String unanswered(TestAgent agent, String how) throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        CountDownLatch arrived = new CountDownLatch(1);
        upstream.behave((socket, head) -> {
            arrived.countDown();
            if (how.equals("reset")) {
                return RawUpstream.reset(socket);
            }
            return !how.equals("close") && over.await(10, TimeUnit.SECONDS);
        });
        if (how.equals("left")) {
            try (Socket socket = writing(agent, "0123456789")) {
                assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
            }
            await().atMost(SOON).until(() -> !unknown(agent).isEmpty());
        } else {
            HttpResponse<String> failed = write(agent);
            assertThat(failed.statusCode()).isIn(502, 504);
            assertThat(failed.headers().firstValue("Errand-Sent")).hasValue("maybe");
        }
        over.countDown();
        answer();
        return String.valueOf(unknown(agent).get(0).string("decision"));
    }

    private static void refusedAsUnknown(HttpResponse<String> refused, String code, String step, String decision) {
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
        JsonObject problem = TestAgent.json(refused.body());
        assertThat(problem.string("code")).isEqualTo(code);
        assertThat(problem.string("step")).isEqualTo(step);
        assertThat(problem.get("interrupted")).isEqualTo(new JsonBoolean(false));
        assertThat(problem.get("unknown")).isEqualTo(new JsonArray(List.of(new JsonString(decision))));
        assertThat(problem.string("detail")).contains(decision);
        assertThat(refused.headers().firstValue("Retry-After")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"reset", "close", "hang", "left"})
    void write_withoutAnAnswer_countsAsHappenedAndAsFailed(String how) throws Exception {
        TestAgent agent = started("unsure");
        String decision = unanswered(agent, how);
        // More refusals than `repeated` permits: none of them counts, and none ends the task.
        for (int i = 0; i < 3; i++) {
            refusedAsUnknown(agent.get(gateway, DOC), "sequence-violation", "sequence", decision);
            refusedAsUnknown(write(agent), "sequence-violation", "sequence", decision);
            refusedAsUnknown(agent.call(gateway, "DELETE", DOC, null), "rule-violation", "rule", decision);
        }
        assertThat(upstream.bytes()).doesNotContain("GET ", "DELETE ");
        JsonObject task = operator.json("/tasks/" + agent.task());
        assertThat(task.string("state")).isEqualTo("active");
        assertThat(OperatorClient.objects(task, "unknown")).singleElement().satisfies(each -> {
            assertThat(OperatorClient.strings(each, "operations")).containsExactly("vault:kv.write");
            assertThat(each.string("since")).endsWith("Z");
        });

        HttpResponse<String> told = settle(agent, decision, true);
        assertThat(told.statusCode()).as(told.body()).isEqualTo(200);
        assertThat(told.body()).contains("\"happened\":true", "\"repeated\":false", "\"recorded\":true");
        assertThat(settle(agent, decision, true).body()).contains("\"repeated\":true");
        assertThat(settle(agent, decision, false).statusCode()).isEqualTo(409);
        assertThat(gateway.records())
                .filteredOn(line -> line.contains("\"kind\":\"operator\"") && line.contains(agent.task()))
                .singleElement()
                .asString()
                .contains("\"action\":\"outcome\"", "\"by\":\"operator:operator\"", decision);
        assertThat(unknown(agent)).isEmpty();

        assertThat(agent.get(gateway, DOC).statusCode()).isEqualTo(200);
        assertThat(agent.call(gateway, "DELETE", DOC, null).statusCode()).isEqualTo(200);
    }

    @Test
    void write_thatDidNotHappen_mayBeMadeAgain() throws Exception {
        TestAgent agent = started("unsure");
        String decision = unanswered(agent, "close");
        assertThat(settle(agent, decision, false).statusCode()).isEqualTo(200);
        assertThat(write(agent).statusCode()).isEqualTo(200);
        assertThat(agent.get(gateway, DOC).statusCode()).isEqualTo(200);
    }

    @Test
    void write_whoseAgentLeavesBehindTheHead_hasHappened() throws Exception {
        TestAgent agent = started("unsure");
        CountDownLatch over = new CountDownLatch(1);
        upstream.behave((socket, head) -> {
            RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + "x".repeat(1_000_000));
            return over.await(10, TimeUnit.SECONDS);
        });
        try (Socket socket = writing(agent, "0123456789")) {
            byte[] head = socket.getInputStream().readNBytes(12);
            assertThat(new String(head, StandardCharsets.ISO_8859_1)).isEqualTo("HTTP/1.1 200");
        }
        over.countDown();
        answer();
        assertThat(agent.get(gateway, DOC).statusCode()).isEqualTo(200);
    }

    @Test
    void step_thatCountsWhenSent_waitsForTheLastByte() throws Exception {
        TestAgent agent = started("handed");
        CountDownLatch over = new CountDownLatch(1);
        upstream.behave((socket, head) -> {
            if (head.startsWith("POST")) {
                over.await(10, TimeUnit.SECONDS);
            }
            RawUpstream.write(socket, OK);
            return true;
        });
        try (Socket socket = writing(agent, "01234")) {
            await().atMost(SOON).until(() -> upstream.bytes().endsWith("\r\n\r\n01234"));
            HttpResponse<String> early = agent.get(gateway, DOC);
            assertThat(early.statusCode()).isEqualTo(403);
            assertThat(member(early, "step")).isEqualTo("pending");
            assertThat(early.headers().firstValue("Retry-After")).hasValue("1");
            assertThat(upstream.bytes()).doesNotContain("GET ");

            RawUpstream.write(socket, "56789");
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(agent.get(gateway, DOC).statusCode())
                            .as("the write is sent, and not answered")
                            .isEqualTo(200));
            over.countDown();
            assertThat(RawHttp.parse(socket.getInputStream()).status()).isEqualTo(200);
        }
        assertThat(upstream.bytes()).contains("0123456789", "GET ");
    }

    @Test
    void step_thatCountsWhenSent_isUnknownIfItsBodyBreaksOff() throws Exception {
        TestAgent agent = started("handed");
        try (Socket socket = writing(agent, "01234")) {
            await().atMost(SOON).until(() -> upstream.bytes().endsWith("\r\n\r\n01234"));
        }
        await().atMost(SOON).until(() -> !unknown(agent).isEmpty());
        String decision = String.valueOf(unknown(agent).get(0).string("decision"));
        refusedAsUnknown(agent.get(gateway, DOC), "sequence-violation", "sequence", decision);
        assertThat(settle(agent, decision, false).statusCode()).isEqualTo(200);
        assertThat(write(agent).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"decision\":\"d-x\"}",
                "{\"happened\":true}",
                "{\"decision\":\"d-x\",\"happened\":\"true\"}",
                "{\"decision\":7,\"happened\":true}",
                "{\"decision\":\"d x\",\"happened\":true}",
                "{\"decision\":\"d-x\",\"happened\":true,\"why\":\"seen\"}"
            })
    void outcome_inAnotherForm_isRefused(String body) {
        HttpResponse<String> refused = operator.post("/tasks/t-AAAAAAAAAAAAAAAAAAAAAA/outcomes", body);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("decision", "happened");
    }

    @Test
    void outcome_thatNobodyAsksFor_isNotFound() throws Exception {
        TestAgent agent = started("unsure");
        HttpResponse<String> answered = write(agent);
        String known = answered.headers().firstValue("Errand-Decision").orElseThrow();
        assertThat(settle(agent, known, true).statusCode()).isEqualTo(404);
        assertThat(settle(agent, "d-AAAAAAAAAAAAAAAAAAAAAA", true).statusCode()).isEqualTo(404);
        TestAgent other = started("unsure");
        String decision = unanswered(other, "close");
        assertThat(settle(agent, decision, true).statusCode()).isEqualTo(404);
        other.end(gateway);
        assertThat(settle(other, decision, true).statusCode()).isEqualTo(404);
        assertThat(operator.post("/tasks/t-AAAAAAAAAAAAAAAAAAAAAA/outcomes", "{\"decision\":\"d-x\",\"happened\":true}")
                        .statusCode())
                .isEqualTo(404);
    }

    /** The upstream tells by the first latch that a call came, and answers it when the second one is down. */
    private static void hold(CountDownLatch arrived, CountDownLatch over) {
        upstream.behave((socket, head) -> {
            arrived.countDown();
            over.await(15, TimeUnit.SECONDS);
            RawUpstream.write(socket, OK);
            return true;
        });
    }

    @Test
    void outcome_inFlight_isNotSettled() throws Exception {
        TestAgent agent = started("unsure");
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        hold(arrived, over);
        try (Socket socket = writing(agent, "0123456789")) {
            assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
            String decision = gateway.records().stream()
                    .filter(line -> line.contains("\"kind\":\"decision\"") && line.contains(agent.task()))
                    .map(line -> TestAgent.json(line).string("decision"))
                    .findFirst()
                    .orElseThrow();
            assertThat(settle(agent, decision, true).statusCode()).isEqualTo(409);
            over.countDown();
            assertThat(RawHttp.parse(socket.getInputStream()).status()).isEqualTo(200);
        }
    }

    @Test
    void outcome_ofARouteThatWaitsLonger_isNotUnknownBeforeItsTime() throws Exception {
        TestAgent agent = started("unsure");
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        hold(arrived, over);
        CompletableFuture<HttpResponse<String>> slow = CompletableFuture.supplyAsync(
                () -> agent.call(gateway, "POST", DOC.replace("/vault/", "/slow/"), "{}"));
        assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
        // Longer than the calls of other routes may take.
        TimeUnit.MILLISECONDS.sleep(2_500);
        assertThat(member(agent.get(gateway, DOC), "step")).isEqualTo("pending");
        assertThat(unknown(agent)).isEmpty();
        over.countDown();
        assertThat(slow.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        answer();
        assertThat(agent.get(gateway, DOC).statusCode()).isEqualTo(200);
    }
}
