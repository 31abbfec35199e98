package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonNumber;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A thousand tasks that match, on three replicas, and callers that do not stop: all are refused within a second. */
class InterruptManyIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final int TASKS = Integer.getInteger("errand.interrupt.tasks", 1_000);
    private static final int CALLERS = 8;

    @TempDir
    Path directory;

    private final List<RunningGateway> gateways = new ArrayList<>();

    @Test
    void interruptMany_aThousandTasksOnThreeReplicas_isOverWithinASecond() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try (SharedRedis redis = new SharedRedis(directory);
                RecordingUpstream upstream = new RecordingUpstream()) {
            try {
                for (int i = 0; i < 3; i++) {
                    gateways.add(RunningGateway.with()
                            .trusting(HUMAN, WORKLOADS)
                            .upstream(upstream)
                            .sharing(redis, redis.keys())
                            .file("tasks/other.yaml", Templates.bounded("other", ""))
                            .start());
                }
                see(threads);
            } finally {
                gateways.forEach(RunningGateway::close);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private List<TestAgent> started(ExecutorService threads) throws Exception {
        List<Future<TestAgent>> starting = new ArrayList<>();
        for (int i = 0; i < TASKS; i++) {
            RunningGateway gateway = gateways.get(i % 3);
            starting.add(threads.submit(() -> TestAgent.explore(gateway, HUMAN, WORKLOADS)));
        }
        List<TestAgent> agents = new ArrayList<>();
        for (Future<TestAgent> each : starting) {
            agents.add(each.get(180, TimeUnit.SECONDS));
        }
        return agents;
    }

    private void see(ExecutorService threads) throws Exception {
        List<TestAgent> agents = started(threads);
        TestAgent spared = Templates.started(gateways.get(0), HUMAN, WORKLOADS, "other");
        AtomicBoolean on = new AtomicBoolean(true);
        AtomicLong lastPermit = new AtomicLong();
        AtomicInteger permitted = new AtomicInteger();
        AtomicInteger next = new AtomicInteger();
        List<Future<?>> calling = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            RunningGateway gateway = gateways.get(i % 3);
            calling.add(threads.submit(() -> {
                while (on.get()) {
                    TestAgent agent = agents.get(next.getAndIncrement() % TASKS);
                    long began = System.nanoTime();
                    if (agent.get(gateway, TestAgent.READ).statusCode() == 200) {
                        permitted.incrementAndGet();
                        // Whatever the busy machine adds: when the call that was permitted last was sent.
                        lastPermit.accumulateAndGet(began, Math::max);
                    }
                }
                return null;
            }));
        }
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (permitted.get() < 50 && System.nanoTime() - patience < 0) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        int before = permitted.get();
        long ordered = System.nanoTime();
        HttpResponse<String> answer = OperatorClient.of(gateways.get(1))
                .post("/tasks/interrupt", "{\"template\":\"explore\",\"why\":\"a leak\",\"lock\":\"10m\"}");
        long answered = System.nanoTime();
        TimeUnit.MILLISECONDS.sleep(2_500);
        on.set(false);
        for (Future<?> each : calling) {
            each.get(60, TimeUnit.SECONDS);
        }
        Duration last = Duration.ofNanos(lastPermit.get() - ordered);
        System.out.println("interrupted " + TASKS + " tasks on 3 replicas: answered after "
                + Duration.ofNanos(answered - ordered).toMillis() + " ms, the last permitted call began after "
                + last.toMillis() + " ms; permitted " + before + " before, " + (permitted.get() - before) + " behind");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(TestAgent.json(answer.body()).get("ended")).isEqualTo(JsonNumber.of(TASKS));
        assertThat(before).isPositive();
        assertThat(last).isLessThan(Duration.ofSeconds(1));
        assertThat(spared.get(gateways.get(2), TestAgent.READ).statusCode()).isEqualTo(200);
        for (TestAgent agent : agents.subList(0, 30)) {
            assertThat(agent.get(gateways.get(0), TestAgent.READ).statusCode()).isEqualTo(401);
        }
    }
}
