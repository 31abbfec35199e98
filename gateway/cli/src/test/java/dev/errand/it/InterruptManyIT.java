package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Patience;
import dev.errand.json.JsonValue.JsonNumber;
import java.io.IOException;
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
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/**
 * A thousand tasks that match, on three replicas: some have a stream open, and callers do not stop. All calls are refused within a second.
 * All streams are cut within a second where the machine has nothing else to do: {@code -Derrand.interrupt.streams=1000} gives each task a
 * stream, {@code -Derrand.interrupt.cut=1000} is the bound in milliseconds.
 */
class InterruptManyIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final int TASKS = Integer.getInteger("errand.interrupt.tasks", 1_000);
    private static final int STREAMS = Math.min(TASKS, Integer.getInteger("errand.interrupt.streams", 150));
    private static final Duration CUT = Duration.ofMillis(Integer.getInteger("errand.interrupt.cut", 2_000));
    private static final int CALLERS = 8;
    private static final String STREAM = "/vault/v1/secret/data/docs/payments/stream";

    @TempDir
    Path directory;

    private final List<RunningGateway> gateways = new ArrayList<>();

    @Test
    void interruptMany_aThousandTasksOnThreeReplicas_isOverWithinASecond() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(16);
        DisposableServer upstream = upstream();
        try (SharedRedis redis = new SharedRedis(directory);
                OpenStreams streams = new OpenStreams()) {
            try {
                for (int i = 0; i < 3; i++) {
                    gateways.add(RunningGateway.with()
                            .trusting(HUMAN, WORKLOADS)
                            .property("vault.uri", "http://127.0.0.1:" + upstream.port())
                            .sharing(redis, redis.keys())
                            .file("tasks/other.yaml", Templates.bounded("other", ""))
                            .start());
                }
                see(threads, streams);
            } finally {
                gateways.forEach(RunningGateway::close);
            }
        } finally {
            threads.shutdownNow();
            upstream.disposeNow();
        }
    }

    /** Answers at once; on {@link #STREAM} by an event stream that has no end of its own. */
    private static DisposableServer upstream() {
        return HttpServer.create()
                .runOn(RecordingUpstream.LOOPS)
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> request.uri().endsWith("/stream")
                        ? response.sse()
                                .send(
                                        ByteBufFlux.fromString(Flux.just(OpenStreams.FIRST + "\n\n")
                                                .concatWith(Flux.never())),
                                        event -> true)
                        : response.header("Content-Type", "application/json").sendString(Mono.just("{}")))
                .bindNow();
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

    /** A stream of each task that has one, on the replica behind the one that started it. */
    private void open(List<TestAgent> agents, OpenStreams streams, ExecutorService threads) throws Exception {
        List<Future<?>> opening = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            TestAgent agent = agents.get(i);
            RunningGateway gateway = gateways.get((i + 1) % 3);
            opening.add(threads.submit(() -> {
                for (int again = 20; ; again--) {
                    try {
                        streams.open(gateway, agent, STREAM);
                        return null;
                    } catch (IOException refused) {
                        // As where a busy machine keeps the store waiting.
                        if (again == 0) {
                            throw refused;
                        }
                        TimeUnit.MILLISECONDS.sleep(250);
                    }
                }
            }));
        }
        for (Future<?> each : opening) {
            each.get(180, TimeUnit.SECONDS);
        }
    }

    private void see(ExecutorService threads, OpenStreams streams) throws Exception {
        List<TestAgent> agents = started(threads);
        open(agents, streams, threads);
        assertThat(streams.count()).isEqualTo(STREAMS);
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
        Duration cut = Duration.ofNanos(streams.lastEndNanos() - ordered);
        System.out.println("interrupted " + TASKS + " tasks on 3 replicas: answered after "
                + Duration.ofNanos(answered - ordered).toMillis() + " ms, the last permitted call began after "
                + last.toMillis() + " ms, the last of " + STREAMS + " streams ended after " + cut.toMillis()
                + " ms; permitted " + before + " before, " + (permitted.get() - before) + " behind");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(TestAgent.json(answer.body()).get("ended")).isEqualTo(JsonNumber.of(TASKS));
        assertThat(before).isPositive();
        assertThat(last).isLessThan(Patience.of(Duration.ofSeconds(1)));
        assertThat(streams.count()).isZero();
        assertThat(cut).isLessThan(Patience.of(CUT));
        assertThat(spared.get(gateways.get(2), TestAgent.READ).statusCode()).isEqualTo(200);
        for (TestAgent agent : agents.subList(0, 30)) {
            assertThat(agent.get(gateways.get(0), TestAgent.READ).statusCode()).isEqualTo(401);
        }
    }
}
