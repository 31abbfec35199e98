package dev.errand.state.redis.link;

import dev.errand.state.StoreUnavailableException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisReadOnlyException;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.scheduler.Schedulers;

/**
 * A lasting connection to the store: it connects and reconnects by itself. A ping every {@value #PROBE_MILLIS} ms shows
 * whether the store answers on it; a connection that stays silent, or reaches a read-only replica, is replaced by a new
 * one. Thread-safe, never blocking.
 */
final class StoreConnection {
    static final long PROBE_MILLIS = 200;
    private static final long ANSWERS_WITHIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1000);
    private static final long SILENT_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(600);
    private static final long RENEW_AT_MOST_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final Supplier<CompletableFuture<Connected>> connector;
    private final Runnable onPong;
    private final Disposable probe;
    private final AtomicBoolean connecting = new AtomicBoolean();
    private volatile @Nullable Connected connected;
    private volatile long answeredNanos;
    private volatile boolean everAnswered;
    private volatile boolean failing;
    private volatile long renewedNanos = System.nanoTime();
    private volatile boolean closed;
    private volatile @Nullable Throwable refused;

    /**
     * Begins to connect, and reconnects until it is closed.
     *
     * @param onPong runs when a ping was answered; it must not block or throw
     */
    StoreConnection(Supplier<CompletableFuture<Connected>> connector, Runnable onPong) {
        this.connector = connector;
        this.onPong = onPong;
        connect();
        this.probe = Schedulers.parallel()
                .schedulePeriodically(this::probe, PROBE_MILLIS, PROBE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** The open connections: one for commands and, if needed, one for announcements. */
    record Connected(
            RedisClusterAsyncCommands<byte[], byte[]> commands,
            ScriptCalls scripts,
            StatefulConnection<byte[], byte[]> forCommands,
            @Nullable StatefulConnection<byte[], byte[]> forAnnouncements) {
        Connected with(StatefulConnection<byte[], byte[]> announcements) {
            return new Connected(commands, scripts, forCommands, announcements);
        }

        void close() {
            forCommands.closeAsync();
            if (forAnnouncements != null) {
                forAnnouncements.closeAsync();
            }
        }
    }

    /** Whether the store answered on this connection within the last second. */
    boolean isAnswering() {
        return everAnswered && System.nanoTime() - answeredNanos < ANSWERS_WITHIN_NANOS;
    }

    /**
     * Whether the next command will probably be answered: the connection is open, and the last command was answered.
     */
    boolean isSound() {
        Connected now = connected;
        return now != null && !failing && now.forCommands().isOpen() && isAnswering();
    }

    /** Why the last attempt to connect failed; null if it did not fail, or if there was none. */
    @Nullable StoreFault fault() {
        Throwable failure = refused;
        return failure == null ? null : StoreFault.of(unwrap(failure));
    }

    /** Whether it is connected. */
    boolean isConnected() {
        return connected != null;
    }

    /** Asks the store. The answer fails with the store's own failure, or if there is no connection. */
    <T extends @Nullable Object> CompletableFuture<T> ask(Function<Connected, CompletableFuture<T>> question) {
        Connected now = connected;
        if (now == null) {
            return CompletableFuture.failedFuture(new StoreUnavailableException("not connected to the state store"));
        }
        CompletableFuture<T> answer;
        try {
            answer = question.apply(now);
        } catch (RuntimeException refused) {
            answer = CompletableFuture.failedFuture(refused);
        }
        return answer.whenComplete((value, failure) -> heard(failure == null ? null : unwrap(failure)));
    }

    private void heard(@Nullable Throwable failure) {
        if (failure == null || isTryAgain(failure)) {
            answered();
            return;
        }
        failing = true;
        if (failure instanceof RedisReadOnlyException || answers(failure, "READONLY ")) {
            renew();
        }
    }

    /** Whether the task's slot is moving to another node of the cluster: the store works, and only this task waits. */
    static boolean isTryAgain(Throwable failure) {
        return answers(failure, "TRYAGAIN ");
    }

    /**
     * Whether the store answered with that error. Before Redis 7, the message of an error inside a script only contains
     * it.
     */
    private static boolean answers(Throwable failure, String error) {
        return failure instanceof RedisCommandExecutionException
                && String.valueOf(failure.getMessage()).contains(error);
    }

    static Throwable unwrap(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private void answered() {
        answeredNanos = System.nanoTime();
        everAnswered = true;
        failing = false;
    }

    private void probe() {
        Connected now = connected;
        if (now == null) {
            connect();
            return;
        }
        try {
            RedisFuture<String> pong = now.commands().ping();
            pong.thenRun(this::answered).thenRun(onPong).exceptionally(silent -> {
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
        connector.get().whenComplete((fresh, failure) -> {
            refused = failure;
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

    /** Stops connecting. The connector closes the open connections. */
    void close() {
        closed = true;
        probe.dispose();
    }
}
