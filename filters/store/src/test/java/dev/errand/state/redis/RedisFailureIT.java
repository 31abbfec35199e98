package dev.errand.state.redis;

import static dev.errand.task.Tasks.call;
import static dev.errand.task.Tasks.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Patience;
import dev.errand.state.StateListener;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.redis.link.ClockSkew;
import dev.errand.state.redis.link.EmbeddedRedis;
import dev.errand.state.redis.link.RedisAddress;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.RunningRedis;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskOutcome.Ended;
import dev.errand.task.TaskOutcome.Permitted;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** The faults, really made: each refuses within the timeout, and is over within a second of its end. */
class RedisFailureIT {
    private static final Duration TIMEOUT = Duration.ofMillis(50);
    /** The timeout and what a busy machine adds to it. */
    private static final Duration SOON = Duration.ofMillis(250);

    static final Duration SECOND = Duration.ofMillis(1500);

    @TempDir
    Path directory;

    private final TaskKey key = new TaskKey(Tasks.unique("t-"));
    private final TaskPolicy policy = Tasks.calls(Tasks.policy(), 1_000_000);
    private EmbeddedRedis redis;
    private RedisLink link;
    private RedisTaskStore store;

    @BeforeEach
    void start() throws Exception {
        redis = EmbeddedRedis.start(directory, 0, true);
        open(redis.address());
        assertThat(link.awaitAnswer(Duration.ofSeconds(5))).isTrue();
        assertThat(eventually(new TaskStep.Start(token("root").id(), Tasks.FAR_MILLIS), Duration.ofSeconds(5)))
                .isNotNull();
    }

    private void open(RedisAddress address) {
        link = RedisLink.open(address, TIMEOUT, Duration.ofSeconds(5), StateListener.NONE);
        store = new RedisTaskStore(link, TIMEOUT, StateListener.NONE, RecordTerms.NEWEST, ClockSkew.ANY);
    }

    @AfterEach
    void stop() throws Exception {
        link.close();
        redis.close();
    }

    CompletableFuture<TaskOutcome> apply(TaskStep step) {
        return submitted(store.apply(key, policy, step)).toFuture();
    }

    /** From where the step is submitted: here from no event loop. */
    Mono<TaskOutcome> submitted(Mono<TaskOutcome> step) {
        return step;
    }

    RedisLink link() {
        return link;
    }

    private TaskOutcome eventually(TaskStep step, Duration within) throws Exception {
        long end = System.nanoTime() + Patience.of(within).toNanos();
        Throwable last = null;
        while (System.nanoTime() < end) {
            try {
                return apply(step).get(5, TimeUnit.SECONDS);
            } catch (java.util.concurrent.ExecutionException failed) {
                last = failed.getCause();
                Thread.sleep(10);
            }
        }
        throw new AssertionError("no answer within " + within, last);
    }

    TaskOutcome eventuallyCalls(Duration within) throws Exception {
        long end = System.nanoTime() + Patience.of(within).toNanos();
        while (true) {
            try {
                return apply(call(List.of(token("root")), "x")).get(5, TimeUnit.SECONDS);
            } catch (java.util.concurrent.ExecutionException failed) {
                assertThat(System.nanoTime()).as("recovery within %s", within).isLessThan(end);
                Thread.sleep(10);
            }
        }
    }

    private void assertRefusedSoon(int calls) {
        for (int i = 0; i < calls; i++) {
            long before = System.nanoTime();
            Throwable failure = apply(call(List.of(token("root")), "x"))
                    .handle((outcome, thrown) -> thrown)
                    .join();
            assertThat(failure).isInstanceOf(StoreUnavailableException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Patience.of(SOON));
        }
    }

    private void signal(String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, "" + redis.pid())
                        .start()
                        .waitFor())
                .isZero();
    }

    private void killed() throws Exception {
        ProcessHandle process = ProcessHandle.of(redis.pid()).orElseThrow();
        process.destroyForcibly();
        process.onExit().get(5, TimeUnit.SECONDS);
    }

    @Test
    void hung_refusesWithinTheTimeout_opensTheBreaker_recoversWithinASecond() throws Exception {
        signal("STOP");
        try {
            // Five of the last ten commands, of which a deadline may end two steps each.
            assertRefusedSoon(14);
            assertThat(link.breakerState()).isEqualTo("OPEN");
            RedisProcess.until("the link knows that the store is away", () -> !store.isAvailable());
            assertRefusedSoon(3);
        } finally {
            signal("CONT");
        }
        assertThat(eventuallyCalls(SECOND)).isInstanceOf(Permitted.class);
        // Told by the link's own connection, which may not have been the one that had the call.
        long end = System.nanoTime() + Patience.of(Duration.ofSeconds(3)).toNanos();
        while (!store.isAvailable() || !link.breakerState().equals("CLOSED")) {
            assertThat(System.nanoTime())
                    .as("available, with the breaker closed")
                    .isLessThan(end);
            Thread.sleep(20);
        }
    }

    @Test
    void killedAndRestarted_keepsTheTask_recoversWithinASecond() throws Exception {
        int port = redis.port();
        Permitted before = (Permitted) eventuallyCalls(SECOND);
        Thread.sleep(1100);
        killed();
        assertRefusedSoon(8);
        redis = EmbeddedRedis.start(directory, 0, true);
        assertThat(redis.port()).isEqualTo(port);
        Permitted after = (Permitted) eventuallyCalls(SECOND);
        assertThat(after.progress().budgets().get("calls"))
                .isLessThan(before.progress().budgets().get("calls"));
    }

    @Test
    void flushed_taskIsEnded() throws Exception {
        assertThat(eventuallyCalls(SECOND)).isInstanceOf(Permitted.class);
        link.ask(commands -> commands.flushall().toCompletableFuture()).get();
        assertThat(eventuallyCalls(SECOND)).isInstanceOf(Ended.class);
    }

    @Test
    void scriptsFlushed_areLoadedAgain() throws Exception {
        assertThat(eventuallyCalls(SECOND)).isInstanceOf(Permitted.class);
        link.ask(commands -> commands.scriptFlush().toCompletableFuture()).get();
        assertThat(eventuallyCalls(SECOND)).isInstanceOf(Permitted.class);
    }

    @Test
    void slowBy200Millis_refuses_andRecovers() throws Exception {
        byte[] busy =
                "local t = redis.call('TIME') local e = t[1] * 1000000 + t[2] + 200000 repeat t = redis.call('TIME') until t[1] * 1000000 + t[2] > e"
                        .getBytes(StandardCharsets.US_ASCII);
        link.ask(commands -> commands.eval(busy, io.lettuce.core.ScriptOutputType.STATUS, new byte[0][])
                .toCompletableFuture());
        // A step goes by another connection: it must not be there before the script.
        Thread.sleep(30);
        assertRefusedSoon(1);
        assertThat(eventuallyCalls(SECOND)).isInstanceOf(Permitted.class);
    }

    @Test
    void readOnlyReplica_refuses_andRecovers() throws Exception {
        link.ask(commands -> commands.dispatch(
                                io.lettuce.core.protocol.CommandType.REPLICAOF,
                                new io.lettuce.core.output.StatusOutput<>(
                                        io.lettuce.core.codec.ByteArrayCodec.INSTANCE),
                                new io.lettuce.core.protocol.CommandArgs<>(
                                                io.lettuce.core.codec.ByteArrayCodec.INSTANCE)
                                        .add("127.0.0.1")
                                        .add("1"))
                        .toCompletableFuture())
                .get();
        assertRefusedSoon(3);
        redisCommand("REPLICAOF NO ONE");
        assertThat(eventuallyCalls(SECOND)).isInstanceOf(Permitted.class);
    }

    private void redisCommand(String command) throws Exception {
        RunningRedis running = RunningRedis.read(directory);
        try (java.net.Socket socket = new java.net.Socket("127.0.0.1", running.port())) {
            socket.getOutputStream()
                    .write(("AUTH " + running.password() + "\r\n" + command + "\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readNBytes(10), StandardCharsets.US_ASCII))
                    .isEqualTo("+OK\r\n+OK\r\n");
        }
    }

    @Test
    void wrongPassword_refuses() throws Exception {
        link.close();
        open(RedisAddress.parse(List.of("redis://:wrong@127.0.0.1:" + redis.port())));
        assertThat(link.awaitAnswer(Duration.ofMillis(700))).isFalse();
        assertRefusedSoon(3);
        assertThat(store.isAvailable()).isFalse();
    }
}
