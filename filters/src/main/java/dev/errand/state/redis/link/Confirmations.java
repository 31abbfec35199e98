package dev.errand.state.redis.link;

import io.lettuce.core.SetArgs;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks the store whether a replica of it has what was written, on a connection of its own, since {@code WAIT} keeps a connection
 * from everything else. It waits for a write of its own, a mark beside the task's record: whoever has that has what was written
 * before. The connection is opened when it is first needed. Thread-safe, never blocking, never failing.
 */
final class Confirmations {
    static final long WITHIN_MILLIS = 100;

    /** What is known of a write. */
    enum Known {
        /** One replica has it. */
        CONFIRMED,
        /** No replica said in time that it has it, or the store could not be asked. */
        UNCONFIRMED,
        /** The store has no replica. */
        NO_REPLICA
    }

    /** Both commands, and the way. */
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
            commands.set(mark, StepScript.NOTHING, SetArgs.Builder.px(MARK_KEPT));
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
