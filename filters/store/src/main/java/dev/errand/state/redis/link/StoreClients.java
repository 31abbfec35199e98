package dev.errand.state.redis.link;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.ProtocolKeyword;
import io.lettuce.core.protocol.RedisCommand;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Makes the clients of one server and of one cluster, all with the same options: commands are refused while
 * disconnected, never repeated after a reconnect, never sent to a replica, and time out by themselves. The client of a
 * cluster reconnects to its nodes by itself; a lost connection to a server is replaced by {@link StoreConnection}.
 *
 * @param timeout how long one command may take
 * @param connectTimeout how long a connection may take until it can be used
 * @param timesScripts whether the client limits the time of script calls; otherwise the caller does
 */
record StoreClients(
        RedisAddress address,
        Duration timeout,
        Duration connectTimeout,
        ClientResources resources,
        boolean timesScripts) {
    StoreClients {
        for (RedisURI node : address.nodes()) {
            node.setTimeout(connectTimeout);
            for (RedisURI sentinel : node.getSentinels()) {
                sentinel.setTimeout(connectTimeout);
            }
        }
    }

    RedisClient server() {
        RedisClient server = RedisClient.create(resources);
        server.setOptions(with(ClientOptions.builder()).autoReconnect(false).build());
        return server;
    }

    RedisClusterClient cluster() {
        RedisClusterClient cluster = RedisClusterClient.create(resources, address.nodes());
        ClusterClientOptions.Builder options = ClusterClientOptions.builder();
        with(options);
        cluster.setOptions(options.topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                        .enableAllAdaptiveRefreshTriggers()
                        .adaptiveRefreshTriggersTimeout(Duration.ofMillis(250))
                        .enablePeriodicRefresh(Duration.ofSeconds(10))
                        .build())
                .build());
        return cluster;
    }

    private ClientOptions.Builder with(ClientOptions.Builder options) {
        return options.autoReconnect(true)
                .sslOptions(address.access().trust(connectTimeout))
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .replayFilter(command -> true)
                .requestQueueSize(16_384)
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(connectTimeout)
                        .keepAlive(true)
                        .tcpNoDelay(true)
                        .build())
                .timeoutOptions(
                        TimeoutOptions.builder().timeoutSource(new Limits()).build());
    }

    /** How long a command may take. The commands that make a connection ready have the time of connecting. */
    private final class Limits extends TimeoutOptions.TimeoutSource {
        @Override
        public long getTimeout(RedisCommand<?, ?, ?> command) {
            ProtocolKeyword type = command.getType();
            if (type == CommandType.CLUSTER || type == CommandType.SUBSCRIBE) {
                return connectTimeout.toMillis();
            }
            return type == CommandType.EVALSHA && !timesScripts ? 0 : timeout.toMillis();
        }

        @Override
        public TimeUnit getTimeUnit() {
            return TimeUnit.MILLISECONDS;
        }
    }
}
