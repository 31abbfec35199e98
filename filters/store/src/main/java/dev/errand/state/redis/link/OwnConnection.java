package dev.errand.state.redis.link;

import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import java.util.concurrent.CompletableFuture;

/** A connection to the store that nobody else uses. Thread-safe. */
interface OwnConnection {
    /** Commands to the server that holds that key. */
    CompletableFuture<RedisAsyncCommands<byte[], byte[]>> to(byte[] key);

    void close();

    /** A connection to one server. */
    record ToServer(StatefulRedisConnection<byte[], byte[]> connection) implements OwnConnection {
        @Override
        public CompletableFuture<RedisAsyncCommands<byte[], byte[]>> to(byte[] key) {
            return CompletableFuture.completedFuture(connection.async());
        }

        @Override
        public void close() {
            connection.closeAsync();
        }
    }

    /** A connection to a cluster; its client finds the node of a key. */
    record ToCluster(StatefulRedisClusterConnection<byte[], byte[]> connection) implements OwnConnection {
        @Override
        public CompletableFuture<RedisAsyncCommands<byte[], byte[]>> to(byte[] key) {
            String node = connection
                    .getPartitions()
                    .getPartitionBySlot(SlotHash.getSlot(key))
                    .getNodeId();
            return connection.getConnectionAsync(node).thenApply(StatefulRedisConnection::async);
        }

        @Override
        public void close() {
            connection.closeAsync();
        }
    }
}
