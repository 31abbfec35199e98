package dev.errand.state.redis.link;

import dev.errand.state.redis.link.StoreConnection.Connected;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.RedisCommand;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.DefaultEventLoopGroupProvider;
import io.lettuce.core.resource.Delay;
import io.lettuce.core.resource.EventLoopGroupProvider;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections to one server or one cluster, all with the same options: commands are refused while disconnected,
 * never replayed after a reconnect, never sent to a replica, and time out by themselves (but for {@link #on}). They are
 * on event loops of its own, or on one that serves the gateway's callers.
 */
final class RedisConnector {
    /** How long a connection may take at least: a store that returns is found again within a second. */
    private static final Duration LEAST_CONNECT_TIMEOUT = Duration.ofMillis(500);

    private static final Duration RECONNECT_DELAY = Duration.ofMillis(100);

    private final EventLoopGroupProvider loops;
    private final ClientResources resources;
    private final AbstractRedisClient client;
    private final RedisAddress address;
    private final Duration timeout;
    private final Duration connectTimeout;

    /** The event loop that all connections to a server are on; null before the first. */
    private volatile @Nullable EventLoop loop;

    RedisConnector(RedisAddress address, Duration timeout) {
        this(
                address,
                timeout,
                new DefaultEventLoopGroupProvider(address.cluster() ? 2 : 1),
                DefaultClientResources.builder().computationThreadPoolSize(2));
    }

    private RedisConnector(
            RedisAddress address, Duration timeout, EventLoopGroupProvider loops, ClientResources.Builder resources) {
        this.address = address;
        this.timeout = timeout;
        this.connectTimeout = timeout.compareTo(LEAST_CONNECT_TIMEOUT) > 0 ? timeout : LEAST_CONNECT_TIMEOUT;
        this.loops = loops;
        this.resources = resources
                .eventLoopGroupProvider(loops)
                .reconnectDelay(Delay.constant(RECONNECT_DELAY))
                .commandLatencyRecorder(CommandLatencyRecorder.disabled())
                .nettyCustomizer(new NettyCustomizer() {
                    @Override
                    public void afterChannelInitialized(Channel channel) {
                        loop = channel.eventLoop();
                    }
                })
                .build();
        address.nodes().forEach(uri -> uri.setTimeout(connectTimeout));
        this.client = address.cluster() ? cluster() : server();
    }

    /**
     * One to the same server whose connections are on that event loop, which stays its owner's, as all other threads stay ours.
     * What becomes of script calls in time is the caller's to see to: see {@link Deadlines}.
     */
    RedisConnector on(EventLoop owners) {
        ClientResources.Builder shared = DefaultClientResources.builder()
                .eventExecutorGroup(resources.eventExecutorGroup())
                .timer(resources.timer());
        return new RedisConnector(address, timeout, new GivenLoop(owners), shared);
    }

    /** How long one command may take. */
    Duration timeout() {
        return timeout;
    }

    /** Whether connections may be on the callers' loops: to one server, in the clear. */
    boolean suitsLoops() {
        return !address.cluster() && !address.nodes().get(0).isSsl();
    }

    private RedisClient server() {
        RedisClient server = RedisClient.create(resources);
        server.setOptions(with(ClientOptions.builder()).build());
        return server;
    }

    private RedisClusterClient cluster() {
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
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .replayFilter(command -> true)
                .requestQueueSize(16_384)
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(connectTimeout)
                        .keepAlive(true)
                        .tcpNoDelay(true)
                        .build())
                .timeoutOptions(loops instanceof GivenLoop ? allButScripts(timeout) : TimeoutOptions.enabled(timeout));
    }

    private static TimeoutOptions allButScripts(Duration timeout) {
        return TimeoutOptions.builder()
                .timeoutSource(new TimeoutOptions.TimeoutSource() {
                    @Override
                    public long getTimeout(RedisCommand<?, ?, ?> command) {
                        return command.getType() == CommandType.EVALSHA ? 0 : timeout.toMillis();
                    }

                    @Override
                    public TimeUnit getTimeUnit() {
                        return TimeUnit.MILLISECONDS;
                    }
                })
                .build();
    }

    /** A connection to a server, for commands alone. */
    CompletableFuture<Connected> connectForCommands() {
        try {
            return ((RedisClient) client)
                    .connectAsync(ByteArrayCodec.INSTANCE, address.nodes().get(0))
                    .toCompletableFuture()
                    .thenApply(forCommands -> new Connected(
                            forCommands.async(),
                            ScriptCalls.toServer(forCommands, Objects.requireNonNull(loop)),
                            forCommands,
                            null));
        } catch (RuntimeException failed) {
            return CompletableFuture.failedFuture(failed);
        }
    }

    /** A connection that others do not use. */
    interface OwnConnection {
        /** Commands to the server that has that key. */
        CompletableFuture<RedisAsyncCommands<byte[], byte[]>> to(byte[] key);

        void close();
    }

    /** Opens a connection for who needs one alone. */
    CompletableFuture<OwnConnection> connectAlone() {
        try {
            if (client instanceof RedisClusterClient cluster) {
                return cluster.connectAsync(ByteArrayCodec.INSTANCE).thenApply(ToCluster::new);
            }
            return ((RedisClient) client)
                    .connectAsync(ByteArrayCodec.INSTANCE, address.nodes().get(0))
                    .toCompletableFuture()
                    .thenApply(ToServer::new);
        } catch (RuntimeException failed) {
            return CompletableFuture.failedFuture(failed);
        }
    }

    private record ToServer(StatefulRedisConnection<byte[], byte[]> connection) implements OwnConnection {
        @Override
        public CompletableFuture<RedisAsyncCommands<byte[], byte[]>> to(byte[] key) {
            return CompletableFuture.completedFuture(connection.async());
        }

        @Override
        public void close() {
            connection.closeAsync();
        }
    }

    private record ToCluster(StatefulRedisClusterConnection<byte[], byte[]> connection) implements OwnConnection {
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

    /** Connections for commands and for announcements. */
    CompletableFuture<Connected> connect(BiConsumer<byte[], byte[]> announcements) {
        try {
            if (client instanceof RedisClusterClient cluster) {
                return cluster.refreshPartitionsAsync()
                        .toCompletableFuture()
                        .thenCompose(refreshed -> cluster.connectAsync(ByteArrayCodec.INSTANCE))
                        .thenCompose(forCommands -> both(
                                new Connected(
                                        forCommands.async(), ScriptCalls.toCluster(forCommands), forCommands, null),
                                subscribed(cluster.connectPubSubAsync(ByteArrayCodec.INSTANCE), announcements)));
            }
            RedisURI uri = address.nodes().get(0);
            RedisClient server = (RedisClient) client;
            return connectForCommands()
                    .thenCompose(forCommands -> both(
                            forCommands,
                            subscribed(server.connectPubSubAsync(ByteArrayCodec.INSTANCE, uri), announcements)));
        } catch (RuntimeException failed) {
            return CompletableFuture.failedFuture(failed);
        }
    }

    /** Both connections, or neither: the first is closed if there is no second. */
    private static CompletableFuture<Connected> both(
            Connected forCommands, CompletableFuture<StatefulRedisPubSubConnection<byte[], byte[]>> subscribing) {
        return subscribing
                .whenComplete((forAnnouncements, failure) -> {
                    if (failure != null) {
                        forCommands.close();
                    }
                })
                .thenApply(forCommands::with);
    }

    private static CompletableFuture<StatefulRedisPubSubConnection<byte[], byte[]>> subscribed(
            CompletionStage<? extends StatefulRedisPubSubConnection<byte[], byte[]>> connecting,
            BiConsumer<byte[], byte[]> announcements) {
        return connecting
                .<StatefulRedisPubSubConnection<byte[], byte[]>>thenCompose(connection -> {
                    connection.addListener(new RedisPubSubAdapter<>() {
                        @Override
                        public void message(byte[] channel, byte[] message) {
                            announcements.accept(channel, message);
                        }
                    });
                    return connection
                            .async()
                            .subscribe(StepScript.CHANNEL, StepScript.OVER)
                            .whenComplete((done, failure) -> {
                                if (failure != null) {
                                    connection.closeAsync();
                                }
                            })
                            .thenApply(done -> connection);
                })
                .toCompletableFuture();
    }

    /** Closes all connections. */
    CompletableFuture<?> close() {
        return client.shutdownAsync(0, 100, TimeUnit.MILLISECONDS)
                .thenRun(() -> resources.shutdown(0, 100, TimeUnit.MILLISECONDS))
                .thenRun(() -> loops.shutdown(0, 100, TimeUnit.MILLISECONDS));
    }
}
