package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Patience;
import dev.errand.holder.AgentException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How soon a deviation ends a task: on the other replica, and for an agent that fires 400 calls in 10 s. */
class CutLatencyIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String BASE = "/vault/v1/secret/data/docs/payments/";
    /** An answer that was under way when its task ended: the call was permitted, and is no refusal. */
    private static final int BROKEN_OFF = 0;

    private static final int RUNS = Integer.getInteger("errand.cut.runs", 30);

    /** Reads may come in any number, a write is a violation. */
    private static final String TEMPLATE = """
            template: %s
            description: Read documents
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            parameters: {project: "[a-z][a-z0-9-]{0,39}"}
            allow:
              vault:kv.read: {resource: {path_containment: "secret/docs/{project}"}}
              vault:kv.write: {resource: {path_containment: "secret/docs/{project}"}}
            limits: {task: [{capacity: %d, per: 10s}], calls: 100000}
            sequence: [{"vault:kv.read": "0..*"}]
            on-violation: {sequence: interrupt, repeated: {denials: 3, within: 60s, then: interrupt}}
            """;

    @TempDir
    private static Path directory;

    private static SharedRedis redis;
    private static RecordingUpstream upstream;
    private static RunningGateway one;
    private static RunningGateway two;
    private static ExecutorService threads;

    @BeforeAll
    static void start() throws Exception {
        threads = Executors.newCachedThreadPool();
        redis = new SharedRedis(directory);
        upstream = new RecordingUpstream();
        one = replica();
        two = replica();
    }

    private static RunningGateway replica() {
        return RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .file("tasks/reader.yaml", TEMPLATE.formatted("reader", 5000))
                .file("tasks/seed.yaml", TEMPLATE.formatted("seed", 40))
                .sharing(redis, redis.keys())
                .start();
    }

    @AfterAll
    static void stop() {
        one.close();
        two.close();
        upstream.close();
        redis.close();
        threads.shutdownNow();
    }

    private static TestAgent agent(String template) {
        return TestAgent.start(
                one,
                TestKey.ed25519("agent"),
                HUMAN.token(),
                WORKLOADS,
                "{\"template\":\"" + template + "\",\"parameters\":{\"project\":\"payments\"}}");
    }

    private static int status(RunningGateway gateway, TestAgent agent) {
        try {
            return agent.get(gateway, BASE + "a").statusCode();
        } catch (AgentException broken) {
            return BROKEN_OFF;
        }
    }

    private static boolean passes(TestAgent agent) {
        int status = status(two, agent);
        return status == 200 || status == BROKEN_OFF;
    }

    @Test
    void violation_onOneReplica_refusesTheNextCallOnTheOther() throws Exception {
        List<Double> millis = new ArrayList<>();
        for (int run = 0; run < RUNS; run++) {
            TestAgent agent = agent("reader");
            assertThat(agent.get(two, BASE + "a").statusCode()).isEqualTo(200);
            CountDownLatch calling = new CountDownLatch(2);
            Future<Long> refused = threads.submit(() -> {
                while (passes(agent)) {
                    calling.countDown();
                }
                return System.nanoTime();
            });
            calling.await();
            long violated = System.nanoTime();
            assertThat(agent.call(one, "POST", BASE + "a", "{}").statusCode()).isEqualTo(403);
            millis.add((refused.get() - violated) / 1e6);
        }
        Collections.sort(millis);
        double p50 = millis.get(millis.size() / 2);
        double p99 = millis.get((int) Math.ceil(millis.size() * 0.99) - 1);
        System.out.printf(
                "violation to first refusal on the other replica, %d runs: p50 %.1f ms, p99 %.1f ms%n", RUNS, p50, p99);
        assertThat(p50).isLessThan(1000 * Patience.factor());
    }

    @Test
    void agent_firing400CallsIn10Seconds_isSlowedDownAndCutAfterFourSecondsMore() throws Exception {
        TestAgent agent = agent("seed");
        upstream.forget();
        List<Future<Integer>> calls = new ArrayList<>();
        AtomicInteger afterTheEnd = new AtomicInteger();
        long begun = System.nanoTime();
        // Once it is cut, the rest of the 400 would be refused like the next hundred.
        for (int i = 0; i < 400 && afterTheEnd.get() < 100; i++) {
            RunningGateway gateway = i % 2 == 0 ? one : two;
            calls.add(threads.submit(() -> {
                int status = status(gateway, agent);
                if (status == 401) {
                    afterTheEnd.incrementAndGet();
                }
                return status;
            }));
            long due = begun + i * 25_000_000L;
            while (System.nanoTime() < due) {
                Thread.sleep(1);
            }
        }
        List<Integer> answers = new ArrayList<>();
        for (Future<Integer> call : calls) {
            answers.add(call.get());
        }
        long permitted = upstream.seen().size();
        System.out.printf("%d calls, 40 a second, at 40 per 10 s: %d permitted%n", calls.size(), permitted);
        // 40 in the first second, four a second from then on until the third refusal that counts, four seconds later.
        assertThat(permitted).isBetween(40L, 75L);
        assertThat(answers.subList(answers.size() - 80, answers.size())).containsOnly(401);
        assertThat(agent.get(two, BASE + "a").body()).contains("task-ended");
    }
}
