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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.scheduler.Schedulers;

/**
 * A lasting connection to the store: it connects and reconnects by itself, at the times of {@link ConnectPace}. A ping
 * every {@value #PROBE_MILLIS} ms shows whether the store answers on it. A connection that stays silent, or reaches a
 * read-only replica, is replaced by a new one; it is used until the new one is ready, and closed when its commands are
 * over. Thread-safe, never blocking.
 */
final class StoreConnection {
    static final long PROBE_MILLIS = 200;
    private static final long ANSWERS_WITHIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1000);
    private static final long SILENT_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(600);
    private static final int MOST_DOUBLINGS = 3;
    private static final long CLOSED_AFTER_MILLIS = 1000;

    private final Supplier<CompletableFuture<Connected>> connector;
    private final Runnable onPong;
    private final Disposable probe;
    private final ConnectPace pace = new ConnectPace(System.nanoTime());
    private final AtomicInteger attempts = new AtomicInteger();
    private volatile @Nullable Connected connected;
    private volatile long answeredNanos = System.nanoTime() - TimeUnit.HOURS.toNanos(1);
    private volatile boolean failing;
    private volatile boolean closed;
    private int current;
    private volatile long connectedNanos;
    private volatile int silent;
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

        /** Whether one of them ended, and its client does not connect again by itself. */
        boolean isLost() {
            return isLost(forCommands) || (forAnnouncements != null && isLost(forAnnouncements));
        }

        private static boolean isLost(StatefulConnection<?, ?> connection) {
            return !connection.isOpen() && !connection.getOptions().isAutoReconnect();
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
        return System.nanoTime() - answeredNanos < ANSWERS_WITHIN_NANOS;
    }

    /**
     * Whether the next command will probably be answered: the connection is open, and the last command was answered.
     */
    boolean isSound() {
        Connected now = connected;
        return now != null && !failing && now.forCommands().isOpen() && isAnswering();
    }

    /** Why the last attempt to connect, or the last ping, failed; null if it did not fail, or if there was none. */
    @Nullable StoreFault fault() {
        Throwable failure = refused;
        return failure == null ? null : StoreFault.of(unwrap(failure));
    }

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
            connect();
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
        failing = false;
    }

    private void probe() {
        Connected now = connected;
        if (now == null || now.isLost()) {
            connect();
            return;
        }
        ping(now);
    }

    private void ping(Connected now) {
        try {
            RedisFuture<String> pong = now.commands().ping();
            pong.thenRun(this::pong).exceptionally(failure -> {
                silent(now, unwrap(failure));
                return null;
            });
        } catch (RuntimeException disconnected) {
            silent(now, disconnected);
        }
    }

    private void pong() {
        answered();
        refused = null;
        silent = 0;
        pace.answered();
        onPong.run();
    }

    /** Waits longer for a connection that replaced a silent one: the store can be reached, and answers slowly. */
    private void silent(Connected asked, Throwable failure) {
        if (asked != connected) {
            return;
        }
        refused = failure;
        long since = Math.max(answeredNanos, connectedNanos);
        if (System.nanoTime() - since > SILENT_AFTER_NANOS << Math.min(silent, MOST_DOUBLINGS)) {
            connect();
        }
    }

    private void connect() {
        if (closed || !pace.begin(System.nanoTime())) {
            return;
        }
        int attempt = attempts.incrementAndGet();
        connector.get().whenComplete((fresh, failure) -> {
            pace.ended();
            if (failure != null) {
                failed(failure, attempt);
            } else {
                replace(fresh, attempt);
            }
        });
    }

    private synchronized void failed(Throwable failure, int attempt) {
        if (attempt > current) {
            refused = failure;
        }
    }

    /** The later attempt stays. The connection that it replaces is closed when its commands are over. */
    private synchronized void replace(Connected fresh, int attempt) {
        if (closed || attempt < current) {
            fresh.close();
            return;
        }
        Connected old = connected;
        connected = fresh;
        current = attempt;
        connectedNanos = System.nanoTime();
        if (old != null) {
            silent = old.isLost() ? 0 : silent + 1;
            Schedulers.parallel().schedule(() -> closeReplaced(old), CLOSED_AFTER_MILLIS, TimeUnit.MILLISECONDS);
        }
        ping(fresh);
    }

    private void closeReplaced(Connected old) {
        if (!closed) {
            old.close();
        }
    }

    /** Stops connecting. The connector closes the open connections. */
    void close() {
        closed = true;
        probe.dispose();
    }
}
