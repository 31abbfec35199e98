package dev.errand.state.redis.link;

import io.lettuce.core.SetArgs;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks the store whether one of its replicas has everything written so far. It uses a connection of its own, since
 * {@code WAIT} blocks a connection for everything else. It writes a mark beside the task's record and waits for that: a
 * replica that has the mark has all earlier writes. The connection is opened when first needed. Thread-safe, never
 * blocking, never failing.
 */
final class Confirmations {
    static final long WITHIN_MILLIS = 100;

    /** The result for a write. */
    enum Known {
        /** At least one replica of the store has it. */
        CONFIRMED,
        /** No replica confirmed it in time, or the store could not be asked. */
        UNCONFIRMED,
        /** The store has no replica. */
        NO_REPLICA
    }

    /** The limit for both commands, including the network. */
    private static final Duration GIVEN_UP_AFTER = Duration.ofMillis(WITHIN_MILLIS + 50);

    private static final Duration MARK_KEPT = Duration.ofSeconds(1);

    private final RedisConnector connector;
    private @Nullable CompletableFuture<OwnConnection> connection;
    private boolean closed;

    Confirmations(RedisConnector connector) {
        this.connector = connector;
    }

    CompletableFuture<Known> confirm(byte[] record, byte[] mark) {
        return connection()
                .thenCompose(open -> open.to(record))
                .thenCompose(commands -> confirm(commands, mark))
                .completeOnTimeout(Known.UNCONFIRMED, GIVEN_UP_AFTER.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(failed -> {
                    renew();
                    return Known.UNCONFIRMED;
                });
    }

    private static CompletableFuture<Known> confirm(RedisAsyncCommands<byte[], byte[]> commands, byte[] mark) {
        return commands.role().toCompletableFuture().thenCompose(role -> {
            boolean hasReplicas = role.size() > 2 && role.get(2) instanceof List<?> replicas && !replicas.isEmpty();
            if (!hasReplicas) {
                return CompletableFuture.completedFuture(Known.NO_REPLICA);
            }
            // A mark that expired is removed by this question, and so not by the write: see Script.
            commands.exists(mark);
            commands.set(mark, new byte[0], SetArgs.Builder.px(MARK_KEPT));
            return commands.waitForReplication(1, WITHIN_MILLIS)
                    .toCompletableFuture()
                    .thenApply(replicas -> replicas >= 1 ? Known.CONFIRMED : Known.UNCONFIRMED);
        });
    }

    private synchronized CompletableFuture<OwnConnection> connection() {
        if (closed) {
            return CompletableFuture.failedFuture(new IllegalStateException("closed"));
        }
        if (connection == null || connection.isCompletedExceptionally()) {
            connection = connector.connectAlone();
        }
        return connection;
    }

    private synchronized void renew() {
        CompletableFuture<OwnConnection> old = connection;
        connection = null;
        if (old != null) {
            old.thenAccept(OwnConnection::close);
        }
    }

    synchronized void close() {
        closed = true;
        renew();
    }
}
