package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bounds are exact however many call on however many replicas: 64 callers, three gateways, one Redis. */
class ThreeReplicasIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final int CALLERS = 64;
    private static final String TOLERANT =
            "on-violation: {sequence: deny, repeated: {denials: 10000, within: 60s, then: interrupt}}";

    @TempDir
    static Path directory;

    private static SharedRedis redis;
    private static RecordingUpstream upstream;
    private static final List<RunningGateway> gateways = new ArrayList<>();
    private static ExecutorService threads;

    @BeforeAll
    static void start() throws Exception {
        redis = new SharedRedis(directory);
        upstream = new RecordingUpstream();
        threads = Executors.newFixedThreadPool(CALLERS);
        for (int i = 0; i < 3; i++) {
            gateways.add(RunningGateway.with()
                    .trusting(HUMAN, WORKLOADS)
                    .upstream(upstream)
                    .sharing(redis, redis.keys())
                    .property("errand.state.timeout", "20s")
                    .file(
                            "tasks/bucket.yaml",
                            Templates.bounded("bucket", "limits: {task: [{capacity: 50, per: 24h}]}\n" + TOLERANT))
                    .file("tasks/three.yaml", Templates.bounded("three", "sequence: [{vault:kv.read: 3}]\n" + TOLERANT))
                    .file("tasks/burst.yaml", Templates.bounded("burst", """
                            limits: {task: [{capacity: 40, per: 10s}]}
                            on-violation: {repeated: {denials: 2, within: 60s, then: interrupt}}"""))
                    .start());
        }
    }

    @AfterAll
    static void stop() {
        gateways.forEach(RunningGateway::close);
        upstream.close();
        redis.close();
        threads.shutdownNow();
    }

    @BeforeEach
    void forget() {
        upstream.forget();
    }

    private static TestAgent started(String template) {
        return Templates.started(gateways.get(0), HUMAN, WORKLOADS, template);
    }

    /** That many calls in all, of these holders in turn, on all replicas at once: how many came to what. */
    private static Map<String, Integer> race(List<TestAgent> agents, int calls) throws Exception {
        List<Future<HttpResponse<String>>> waiting = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            TestAgent agent = agents.get(i % agents.size());
            RunningGateway gateway = gateways.get(i % gateways.size());
            waiting.add(threads.submit(() -> agent.get(gateway, TestAgent.READ)));
        }
        Map<String, Integer> answers = new TreeMap<>();
        for (Future<HttpResponse<String>> one : waiting) {
            HttpResponse<String> answer = one.get(120, TimeUnit.SECONDS);
            String what = answer.statusCode() == 200
                    ? "permitted"
                    : String.valueOf(TestAgent.json(answer.body()).string("code"));
            answers.merge(what, 1, Integer::sum);
        }
        return answers;
    }

    @Test
    void bucketOf50_permitsExactly50() throws Exception {
        assertThat(race(List.of(started("bucket")), 192))
                .containsExactly(Map.entry("permitted", 50), Map.entry("rate-exceeded", 142));
        assertThat(upstream.seen()).hasSize(50);
    }

    @Test
    void stepOf3_passesExactly3() throws Exception {
        assertThat(race(List.of(started("three")), 96))
                .containsExactly(Map.entry("permitted", 3), Map.entry("sequence-violation", 93));
        assertThat(upstream.seen()).hasSize(3);
    }

    @Test
    void siblings_neverExceedTheirParent() throws Exception {
        TestAgent parent = started("bucket").child(null, "{\"calls\":20}", null);
        List<TestAgent> siblings = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            siblings.add(parent.child());
        }
        assertThat(race(siblings, 90)).containsExactly(Map.entry("budget-exhausted", 70), Map.entry("permitted", 20));
        assertThat(upstream.seen()).hasSize(20);
    }

    @Test
    void agentThatCallsWithoutPause_isSlowedDown_andCutTwoSecondsAfterItsFirstRefusal() {
        TestAgent agent = started("burst");
        long begin = System.nanoTime();
        long refusedAt = 0;
        int calls = 0;
        int status = 200;
        while (status != 401 && calls < 100_000) {
            status = agent.get(gateways.get(calls++ % 3), TestAgent.READ).statusCode();
            refusedAt = refusedAt == 0 && status == 429 ? System.nanoTime() : refusedAt;
        }
        assertThat(status).isEqualTo(401);
        assertThat(Duration.ofNanos(System.nanoTime() - refusedAt)).isGreaterThan(Duration.ofMillis(1_900));
        double refilled = 4.0 * Duration.ofNanos(System.nanoTime() - begin).toMillis() / 1000;
        assertThat(upstream.seen()).hasSizeBetween(40, (int) (41 + refilled));
    }

    /** Prints the times; {@code -Derrand.cuts=100} makes more cuts. */
    @Test
    void violation_isRefusedByTheOtherReplicaAtOnce() {
        int cuts = Integer.getInteger("errand.cuts", 10);
        List<Long> micros = new ArrayList<>();
        for (int i = 0; i < cuts; i++) {
            TestAgent agent = TestAgent.release(gateways.get(0), releaser(i), WORKLOADS);
            assertThat(agent.get(gateways.get(1), "/vault/v1/secret/data/ci/payments/db")
                            .statusCode())
                    .isEqualTo(200);
            HttpResponse<String> violating = agent.call(
                    gateways.get(0), "PATCH", "/k8s/apis/apps/v1/namespaces/staging/deployments/payments", "{}");
            long violated = System.nanoTime();
            assertThat(violating.statusCode()).as(violating.body()).isEqualTo(403);
            assertThat(violating.headers().firstValue("Errand-Code")).hasValue("sequence-violation");
            HttpResponse<String> next = agent.get(gateways.get(1), "/vault/v1/secret/data/ci/payments/db");
            micros.add((System.nanoTime() - violated) / 1000);
            assertThat(next.statusCode()).isEqualTo(401);
            assertThat(TestAgent.json(next.body()).string("code")).isEqualTo("task-ended");
        }
        Collections.sort(micros);
        System.out.println("from a violation's answer to the other replica's refusal, over after: p50 "
                + micros.get(cuts / 2) + " µs, p99 " + micros.get((cuts * 99 - 1) / 100) + " µs, " + cuts + " runs");
    }

    /** Another human each: one may start ten releases an hour. */
    private static TestHuman releaser(int i) {
        return new TestHuman(HUMAN.issuer(), "user:" + i, HUMAN.key());
    }
}
