package dev.errand.state.redis.link;

import dev.errand.loop.EndOfTurn;
import dev.errand.state.StateListener;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.redis.link.StoreConnection.Connected;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The link to the store: asynchronous, answers or fails within the state timeout, and queues nothing while the store is
 * down. Steps that come from an event loop use a connection on that loop (see {@link LoopLinks}) while it is sound;
 * everything else uses the link's own connection, with a circuit breaker against a store that does not answer.
 * Thread-safe. All failures are {@link StoreUnavailableException}s.
 */
public final class RedisLink implements AutoCloseable {
    private static final CircuitBreakerConfig BREAKER = CircuitBreakerConfig.custom()
            .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
            .slidingWindowSize(10)
            .minimumNumberOfCalls(5)
            .failureRateThreshold(50)
            .waitDurationInOpenState(Duration.ofMillis(250))
            .permittedNumberOfCallsInHalfOpenState(3)
            .maxWaitDurationInHalfOpenState(Duration.ofSeconds(1))
            .build();

    private final RedisConnector connector;
    private final StoreConnection own;
    private final LoopLinks loops;
    private final Confirmations confirmations;
    private final CircuitBreaker breaker = CircuitBreaker.of("state", BREAKER);
    private volatile Consumer<byte[]> onAnnouncement = message -> {};
    private volatile Runnable whileAnswering = () -> {};

    private RedisLink(RedisConnector connector, StateListener listener) {
        breaker.getEventPublisher()
                .onStateTransition(event ->
                        listener.breaker(event.getStateTransition().getToState().name()));
        this.connector = connector;
        this.loops = new LoopLinks(connector);
        this.confirmations = new Confirmations(connector);
        this.own =
                new StoreConnection(() -> connector.connect(message -> onAnnouncement.accept(message)), this::answered);
    }

    /** Called when a ping is answered. */
    private void answered() {
        closeBreaker();
        whileAnswering.run();
    }

    /** Pings close the breaker, since all calls may use the loops' connections meanwhile. */
    private void closeBreaker() {
        if (breaker.getState() != CircuitBreaker.State.CLOSED && breaker.tryAcquirePermission()) {
            breaker.onSuccess(0, TimeUnit.NANOSECONDS);
        }
    }

    /**
     * Opens a link. Returns at once; until the store is reached, every call fails.
     *
     * @param timeout how long one command may take
     * @param connectTimeout how long one connection may take until it can be used: TCP, TLS, HELLO and AUTH together
     */
    public static RedisLink open(
            RedisAddress address, Duration timeout, Duration connectTimeout, StateListener listener) {
        return new RedisLink(new RedisConnector(address, timeout, connectTimeout), listener);
    }

    /** Whether the store answered within the last second. */
    public boolean isAnswering() {
        return own.isAnswering();
    }

    /** Why the last attempt to connect failed; null if it did not fail, or if there was none. */
    public @Nullable StoreFault fault() {
        return own.fault();
    }

    /** Blocks until the store answers; false if it does not in time. For start-up only. */
    public boolean awaitAnswer(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (!isAnswering() && System.nanoTime() - end < 0) {
            Thread.sleep(5);
        }
        return isAnswering();
    }

    /** The circuit breaker's state. */
    public String breakerState() {
        return breaker.getState().name();
    }

    /** Sets the consumer of announcements. It runs on a thread that must not block. */
    public void onAnnouncement(Consumer<byte[]> consumer) {
        onAnnouncement = consumer;
    }

    /**
     * Runs this every {@value StoreConnection#PROBE_MILLIS} ms as long as the store answers. It must not block or
     * throw.
     */
    public void whileAnswering(Runnable work) {
        whileAnswering = work;
    }

    /** Tells all replicas of an ending. A message may be lost: streams look at their tasks themselves, too. */
    public void announce(byte[] message) {
        ask(commands -> commands.publish(StepScript.CHANNEL, message).toCompletableFuture());
    }

    /** Sets when a key expires, epoch milliseconds of the store's clock. */
    public CompletableFuture<Boolean> expire(byte[] key, long atMillis) {
        return ask(commands -> commands.pexpireat(key, atMillis).toCompletableFuture());
    }

    /** Uses connections on the event loops that serve callers again, as at first, after {@link #leaveLoops}. */
    public void joinLoops() {
        loops.join();
    }

    /**
     * Closes the connections on the event loops that serve callers, so that the loops can end; steps use the link's own
     * connection.
     */
    public void leaveLoops() {
        loops.leave();
    }

    /**
     * Runs the script of a step.
     *
     * @param turn the turn of the loop that asks
     */
    public CompletableFuture<StepScript.Answer> step(byte[] task, StepScript.Run run, EndOfTurn turn) {
        return run(StepScript.SCRIPT, new byte[][] {task}, StepScript.arguments(run), turn)
                .thenApply(StepScript::parse);
    }

    /**
     * Runs a script.
     *
     * @param turn the turn of the loop that asks
     */
    public CompletableFuture<byte[]> run(Script script, byte[][] keys, byte[][] arguments, EndOfTurn turn) {
        StoreConnection near = loops.here(turn);
        return near == null
                ? askOwn(now ->
                        run(now, now.scripts().call(script.sha(), keys, arguments, turn), script, keys, arguments))
                : near.<byte[]>ask(now -> run(
                                now,
                                inTime(now.scripts().call(script.sha(), keys, arguments, turn), turn),
                                script,
                                keys,
                                arguments))
                        .exceptionallyCompose(RedisLink::failed);
    }

    private static CompletableFuture<byte[]> run(
            Connected now, CompletableFuture<byte[]> bySha, Script script, byte[][] keys, byte[][] arguments) {
        return bySha.exceptionallyCompose(failure -> StoreConnection.unwrap(failure) instanceof RedisNoScriptException
                ? now.commands()
                        .<byte[]>eval(script.text(), ScriptOutputType.VALUE, keys, arguments)
                        .toCompletableFuture()
                : CompletableFuture.failedFuture(failure));
    }

    private CompletableFuture<byte[]> inTime(CompletableFuture<byte[]> answer, EndOfTurn turn) {
        return Deadlines.in(connector.timeout(), turn, answer);
    }

    /**
     * Whether at least one replica of the store has everything written of this task so far; false if that is not known
     * within {@value Confirmations#WITHIN_MILLIS} ms, or if the store has no replica.
     *
     * @param mark a key beside the record, in its slot
     */
    public CompletableFuture<Boolean> confirm(byte[] record, byte[] mark) {
        return confirmations.confirm(record, mark).thenApply(known -> known == Confirmations.Known.CONFIRMED);
    }

    /** As {@link #confirm}, but also true if the store has no replica, since then no failover can lose anything. */
    public CompletableFuture<Boolean> survives(byte[] record, byte[] mark) {
        return confirmations.confirm(record, mark).thenApply(known -> known != Confirmations.Known.UNCONFIRMED);
    }

    /** The settings of the store that decide whether it keeps what is written. Fails like {@link #ask}. */
    public CompletableFuture<StoreSettings> settings() {
        return ask(StoreSettings::ask);
    }

    /** Asks the store over the link's own connection. */
    public <T extends @Nullable Object> CompletableFuture<T> ask(
            Function<RedisClusterAsyncCommands<byte[], byte[]>, CompletableFuture<T>> question) {
        return askOwn(now -> question.apply(now.commands()));
    }

    private <T extends @Nullable Object> CompletableFuture<T> askOwn(
            Function<Connected, CompletableFuture<T>> question) {
        if (!own.isConnected()) {
            return CompletableFuture.failedFuture(new StoreUnavailableException("not connected to the state store"));
        }
        if (!breaker.tryAcquirePermission()) {
            return CompletableFuture.failedFuture(
                    new StoreUnavailableException("the state store has not been answering"));
        }
        long start = System.nanoTime();
        return own.ask(question)
                .whenComplete((value, failure) -> count(System.nanoTime() - start, failure))
                .exceptionallyCompose(RedisLink::failed);
    }

    private void count(long tookNanos, @Nullable Throwable failure) {
        Throwable cause = failure == null ? null : StoreConnection.unwrap(failure);
        if (cause == null || StoreConnection.isTryAgain(cause)) {
            breaker.onSuccess(tookNanos, TimeUnit.NANOSECONDS);
        } else if (cause instanceof StoreUnavailableException) {
            breaker.releasePermission();
        } else {
            breaker.onError(tookNanos, TimeUnit.NANOSECONDS, cause);
        }
    }

    private static <T extends @Nullable Object> CompletableFuture<T> failed(Throwable failure) {
        Throwable cause = StoreConnection.unwrap(failure);
        return CompletableFuture.failedFuture(
                cause instanceof StoreUnavailableException
                        ? cause
                        : new StoreUnavailableException("the state store failed: "
                                + cause.getClass().getSimpleName() + ": " + cause.getMessage()));
    }

    @Override
    public void close() {
        own.close();
        confirmations.close();
        loops.leave().whenComplete((left, failure) -> connector.close());
    }
}
