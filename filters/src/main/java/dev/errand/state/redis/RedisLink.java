package dev.errand.state.redis;

import dev.errand.loop.EndOfTurn;
import dev.errand.state.StateListener;
import dev.errand.state.StoreUnavailableException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisReadOnlyException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.scheduler.Schedulers;

/**
 * The connection to the store: asynchronous, answering or failing within the state timeout, never queueing while it is
 * down. It connects and reconnects by itself; a circuit breaker keeps calls off a store that does not answer, and a
 * ping every {@value #PROBE_MILLIS} ms tells whether it does. Thread-safe. All failures are
 * {@link StoreUnavailableException}s.
 */
public final class RedisLink implements AutoCloseable {
    static final long PROBE_MILLIS = 200;
    private static final long ANSWERS_WITHIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1000);
    private static final long SILENT_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(600);
    private static final long RENEW_AT_MOST_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final RedisConnector connector;
    private final CircuitBreaker breaker;
    private final String sha;
    private final Disposable probe;
    private final AtomicBoolean connecting = new AtomicBoolean();
    private volatile @Nullable Connected connected;
    private volatile Consumer<byte[]> onAnnouncement = key -> {};
    private volatile long answeredNanos;
    private volatile boolean everAnswered;
    private volatile long renewedNanos = System.nanoTime();
    private volatile boolean closed;

    private RedisLink(RedisConnector connector, StateListener listener) {
        this.connector = connector;
        this.sha =
                io.lettuce.core.codec.Base16.digest(StepScript.TEXT.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        this.breaker = CircuitBreaker.of(
                "state",
                CircuitBreakerConfig.custom()
                        .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                        .slidingWindowSize(10)
                        .minimumNumberOfCalls(5)
                        .failureRateThreshold(50)
                        .waitDurationInOpenState(Duration.ofMillis(250))
                        .permittedNumberOfCallsInHalfOpenState(3)
                        .maxWaitDurationInHalfOpenState(Duration.ofSeconds(1))
                        .build());
        breaker.getEventPublisher()
                .onStateTransition(event ->
                        listener.breaker(event.getStateTransition().getToState().name()));
        connect();
        this.probe = Schedulers.parallel()
                .schedulePeriodically(this::probe, PROBE_MILLIS, PROBE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Opens a link. Returns at once; until the store is reached every call fails.
     *
     * @param timeout how long one command may take
     */
    public static RedisLink open(RedisAddress address, Duration timeout, StateListener listener) {
        return new RedisLink(new RedisConnector(address, timeout), listener);
    }

    /** Whether the store answered within the last second. */
    public boolean isAnswering() {
        return everAnswered && System.nanoTime() - answeredNanos < ANSWERS_WITHIN_NANOS;
    }

    /** Waits, blocking, until the store answers; false if it does not in time. For start-up only. */
    public boolean awaitAnswer(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (!isAnswering() && System.nanoTime() - end < 0) {
            Thread.sleep(5);
        }
        return isAnswering();
    }

    /** The circuit breaker's state, for readiness. */
    public String breakerState() {
        return breaker.getState().name();
    }

    void onAnnouncement(Consumer<byte[]> consumer) {
        onAnnouncement = consumer;
    }

    CompletableFuture<StepScript.Answer> step(byte[] record, StepScript.Run run, EndOfTurn turn) {
        byte[][] keys = StepScript.keys(record, run);
        byte[][] arguments = StepScript.arguments(run);
        return this.<byte[]>askOn(now -> now.scripts()
                        .call(sha, keys, arguments, turn)
                        .exceptionallyCompose(failure -> unwrap(failure) instanceof RedisNoScriptException
                                ? now.commands()
                                        .<byte[]>eval(StepScript.TEXT, ScriptOutputType.VALUE, keys, arguments)
                                        .toCompletableFuture()
                                : CompletableFuture.failedFuture(failure)))
                .thenApply(StepScript::parse);
    }

    <T extends @Nullable Object> CompletableFuture<T> ask(
            Function<RedisClusterAsyncCommands<byte[], byte[]>, CompletableFuture<T>> question) {
        return askOn(now -> question.apply(now.commands()));
    }

    private <T extends @Nullable Object> CompletableFuture<T> askOn(
            Function<Connected, CompletableFuture<T>> question) {
        Connected now = connected;
        if (now == null) {
            return CompletableFuture.failedFuture(new StoreUnavailableException("not connected to the state store"));
        }
        if (!breaker.tryAcquirePermission()) {
            return CompletableFuture.failedFuture(
                    new StoreUnavailableException("the state store has not been answering"));
        }
        long start = System.nanoTime();
        CompletableFuture<T> answer;
        try {
            answer = question.apply(now);
        } catch (RuntimeException refused) {
            answer = CompletableFuture.failedFuture(refused);
        }
        return answer.handle((value, failure) -> {
            long took = System.nanoTime() - start;
            if (failure == null) {
                breaker.onSuccess(took, TimeUnit.NANOSECONDS);
                answered();
                return value;
            }
            Throwable cause = unwrap(failure);
            if (answers(cause, "TRYAGAIN ")) {
                // The task's slot is on its way to another node: no fault of the store, and only this task waits.
                breaker.onSuccess(took, TimeUnit.NANOSECONDS);
                answered();
            } else {
                breaker.onError(took, TimeUnit.NANOSECONDS, cause);
            }
            if (cause instanceof RedisReadOnlyException || answers(cause, "READONLY ")) {
                renew();
            }
            throw new StoreUnavailableException(
                    "the state store failed: " + cause.getClass().getSimpleName() + ": " + cause.getMessage());
        });
    }

    /** Whether the store answered with that error; before Redis 7 one inside a script is a part of the script's own. */
    private static boolean answers(Throwable failure, String error) {
        return failure instanceof RedisCommandExecutionException
                && String.valueOf(failure.getMessage()).contains(error);
    }

    private void answered() {
        answeredNanos = System.nanoTime();
        everAnswered = true;
    }

    private void probe() {
        Connected now = connected;
        if (now == null) {
            connect();
            return;
        }
        try {
            RedisFuture<String> pong = now.commands().ping();
            pong.thenRun(this::answered).exceptionally(silent -> {
                renewIfLongSilent();
                return null;
            });
        } catch (RuntimeException disconnected) {
            renewIfLongSilent();
        }
    }

    private void renewIfLongSilent() {
        if (System.nanoTime() - answeredNanos > SILENT_AFTER_NANOS) {
            renew();
        }
    }

    // A connection that stays open but answers nothing, or answers as a read-only replica, is given up for a new one.
    private void renew() {
        Connected old;
        synchronized (connecting) {
            if (System.nanoTime() - renewedNanos < RENEW_AT_MOST_EVERY_NANOS) {
                return;
            }
            renewedNanos = System.nanoTime();
            old = connected;
            connected = null;
        }
        if (old != null) {
            old.close();
        }
        connect();
    }

    private void connect() {
        if (closed || !connecting.compareAndSet(false, true)) {
            return;
        }
        connector.connect(message -> onAnnouncement.accept(message)).whenComplete((fresh, failure) -> {
            if (failure == null) {
                connected = fresh;
                answered();
                if (closed) {
                    fresh.close();
                }
            }
            connecting.set(false);
        });
    }

    private static Throwable unwrap(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    @Override
    public void close() {
        closed = true;
        probe.dispose();
        connector.close();
    }

    /** Two connections: for commands, and for announcements. */
    record Connected(
            RedisClusterAsyncCommands<byte[], byte[]> commands,
            ScriptCalls scripts,
            StatefulConnection<byte[], byte[]> forCommands,
            StatefulConnection<byte[], byte[]> forAnnouncements) {
        void close() {
            forCommands.closeAsync();
            forAnnouncements.closeAsync();
        }
    }
}
