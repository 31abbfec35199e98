package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.FreePort;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a permitted call's step when its upstream answers, fails, hangs or is not there. */
class UpstreamOutcomeIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String READ = "/vault/v1/secret/data/docs/payments/a";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

    /** A read that must have happened before a write. */
    private static final String PLANNED = """
            template: planned
            description: Read once, then write
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            parameters: {project: "[a-z][a-z0-9-]{0,39}"}
            allow:
              vault:kv.read: {resource: {path_containment: "secret/docs/{project}"}}
              vault:kv.write: {resource: {path_containment: "secret/docs/{project}"}}
            limits:
              calls: 4
            sequence:
              - vault:kv.read
              - vault:kv.write
            on-violation: {sequence: deny, repeated: {denials: 10000, within: 60s, then: interrupt}}
            """;

    private static RawUpstream upstream;
    private static RunningGateway gateway;
    private static ExecutorService threads;

    @BeforeAll
    static void start() {
        threads = Executors.newCachedThreadPool();
        upstream = new RawUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file("tasks/planned.yaml", PLANNED)
                .property("vault.uri", upstream.uri())
                .property("spring.cloud.gateway.server.webflux.httpclient.response-timeout", "1s")
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
        threads.shutdownNow();
    }

    @BeforeEach
    void forget() {
        answer(OK);
        upstream.forget();
    }

    private static void answer(String text) {
        upstream.behave((socket, head) -> {
            RawUpstream.write(socket, text);
            return true;
        });
    }

    private static TestAgent planned(RunningGateway on) {
        return TestAgent.start(
                on,
                TestKey.ed25519("agent"),
                HUMAN.token(),
                WORKLOADS,
                "{\"template\":\"planned\",\"parameters\":{\"project\":\"payments\"}}");
    }

    private static HttpResponse<String> write(TestAgent agent) {
        return agent.call(gateway, "POST", READ, "{}");
    }

    private static String member(HttpResponse<String> answer, String name) {
        return String.valueOf(TestAgent.json(answer.body()).string(name));
    }

    @Test
    void plan_firstStepAnswered_opensTheSecond() {
        TestAgent agent = planned(gateway);
        assertThat(agent.get(gateway, READ).statusCode()).isEqualTo(200);
        assertThat(write(agent).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"400", "500", "reset", "hang", "close"})
    void plan_firstStepFails_opensNothingAndMayBeTriedAgain(String failure) {
        TestAgent agent = planned(gateway);
        CountDownLatch over = new CountDownLatch(1);
        upstream.behave((socket, head) -> {
            switch (failure) {
                case "reset" -> {
                    return RawUpstream.reset(socket);
                }
                case "close" -> {
                    return false;
                }
                case "hang" -> over.await(10, TimeUnit.SECONDS);
                default -> RawUpstream.write(socket, "HTTP/1.1 " + failure + " No\r\nContent-Length: 0\r\n\r\n");
            }
            return true;
        });
        HttpResponse<String> first = agent.get(gateway, READ);
        over.countDown();
        int expected = switch (failure) {
            case "reset", "close" -> 502;
            case "hang" -> 504;
            default -> Integer.parseInt(failure);
        };
        assertThat(first.statusCode()).isEqualTo(expected);
        assertThat(upstream.bytes().split("GET /v1/", -1)).as("sent once").hasSize(2);

        answer(OK);
        HttpResponse<String> slipped = write(agent);
        assertThat(slipped.statusCode()).isEqualTo(403);
        assertThat(member(slipped, "code")).isEqualTo("sequence-violation");
        assertThat(agent.get(gateway, READ).statusCode()).isEqualTo(200);
        assertThat(write(agent).statusCode()).isEqualTo(200);
    }

    /** Whoever is told that the upstream could not be reached repeats what was done. */
    @Test
    void answer_smallOneThatBreaksOff_isToldAsAnAnswerAndItsStepHappened() {
        TestAgent agent = planned(gateway);
        upstream.behave((socket, head) -> {
            RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}");
            return false;
        });
        HttpResponse<String> broken = agent.get(gateway, READ);
        assertThat(broken.statusCode()).isEqualTo(502);
        assertThat(member(broken, "code")).isEqualTo("upstream-unavailable");
        assertThat(member(broken, "detail")).contains("answered").contains("before you repeat");
        assertThat(broken.headers().firstValue("Content-Type")).hasValue("application/problem+json");

        answer(OK);
        assertThat(write(agent).statusCode()).isEqualTo(200);
    }

    @Test
    void plan_firstStepUnanswered_secondIsPendingHoweverManyRace() throws Exception {
        TestAgent agent = planned(gateway);
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        upstream.behave((socket, head) -> {
            if (head.startsWith("GET")) {
                arrived.countDown();
                answer.await(10, TimeUnit.SECONDS);
                RawUpstream.write(socket, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
            } else {
                RawUpstream.write(socket, OK);
            }
            return true;
        });
        Future<HttpResponse<String>> first = threads.submit(() -> agent.get(gateway, READ));
        assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
        HttpResponse<String> early = write(agent);
        assertThat(early.statusCode()).isEqualTo(403);
        assertThat(member(early, "step")).isEqualTo("pending");
        assertThat(TestAgent.json(early.body()).toString()).contains("interrupted");

        List<Future<HttpResponse<String>>> racing = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            racing.add(threads.submit(() -> write(agent)));
        }
        answer.countDown();
        assertThat(first.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(500);
        for (Future<HttpResponse<String>> second : racing) {
            assertThat(second.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(403);
        }
        assertThat(upstream.bytes()).doesNotContain("POST ");
    }

    @Test
    void upstream_closesAReusedConnection_requestIsSentOnceAtMost() {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        assertThat(agent.get(gateway, READ).statusCode()).isEqualTo(200);
        upstream.behave((socket, head) -> RawUpstream.reset(socket));
        HttpResponse<String> answer = agent.get(gateway, READ);
        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(member(answer, "code")).isEqualTo("upstream-unavailable");
        assertThat(upstream.bytes().split("GET /v1/", -1))
                .as("one answered, one reset")
                .hasSize(3);
    }

    @Test
    void upstream_notThere_givesTheCallBackOnceAndSaysSo() throws Exception {
        int closed = FreePort.next();
        try (RunningGateway nowhere = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file("tasks/planned.yaml", PLANNED)
                .property("vault.uri", "http://127.0.0.1:" + closed)
                .start()) {
            TestAgent agent = planned(nowhere);
            // Four calls are all that the template grants: more fail alike only if each is given back.
            for (int i = 0; i < 7; i++) {
                HttpResponse<String> answer = agent.get(nowhere, READ);
                assertThat(answer.statusCode()).isEqualTo(502);
                assertThat(member(answer, "code")).isEqualTo("upstream-unavailable");
                String decision = member(answer, "decision");
                assertThat(nowhere.records().stream()
                                .filter(line -> line.contains(decision) && line.contains("\"kind\":\"outcome\""))
                                .toList())
                        .singleElement()
                        .asString()
                        .contains("\"compensated\":true");
            }
        }
    }

    @Test
    void outcome_isRecordedBeforeTheAnswersHeadGoesOut() {
        TestAgent agent = planned(gateway);
        HttpResponse<String> answer = agent.get(gateway, READ);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(gateway.records().stream()
                        .filter(line -> line.contains("\"kind\":\"outcome\""))
                        .reduce((a, b) -> b))
                .get()
                .asString()
                .contains("\"upstream_status\":200")
                .contains("\"compensated\":false");
    }

    @Test
    void task_endedWhileTheUpstreamIsSilent_answersTaskEndedWithinASecond() throws Exception {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        upstream.behave((socket, head) -> {
            arrived.countDown();
            over.await(10, TimeUnit.SECONDS);
            return false;
        });
        CompletableFuture<HttpResponse<String>> waiting =
                CompletableFuture.supplyAsync(() -> agent.get(gateway, READ), threads);
        assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
        agent.end(gateway);
        HttpResponse<String> answer = waiting.get(1, TimeUnit.SECONDS);
        over.countDown();
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(member(answer, "code")).isEqualTo("task-ended");
    }
}
