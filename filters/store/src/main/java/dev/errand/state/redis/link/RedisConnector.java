package dev.errand.state.redis.link;

import dev.errand.state.redis.link.StoreConnection.Connected;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisLoadingException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.DefaultEventLoopGroupProvider;
import io.lettuce.core.resource.EventLoopGroupProvider;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections to one server, the master that sentinels name, or one cluster, with the options of
 * {@link StoreClients}. The connections run on event loops of the connector's own, or on one that serves the gateway's
 * callers. An address alone does not tell whether its server is a node of a cluster, so the server is asked at the
 * first connection.
 */
final class RedisConnector {
    private final EventLoopGroupProvider loops;
    private final ClientResources resources;
    private final RedisAddress address;
    private final Duration timeout;
    private final Duration connectTimeout;
    private final StoreClients clients;

    /** The event loop of all connections to a server; null before the first. */
    private volatile @Nullable EventLoop loop;

    private volatile AbstractRedisClient client;

    /** The client of the single server, if that server turned out to be a node of a cluster; otherwise null. */
    private volatile @Nullable AbstractRedisClient former;

    /** Whether it is known if the address leads to a cluster. */
    private volatile boolean asked;

    private volatile boolean suitsLoops;

    /** The phase in which the last closed connection was. */
    private volatile ConnectPhase closedIn = ConnectPhase.TCP;

    /**
     * @param timeout how long one command may take
     * @param connectTimeout how long one connection may take until it can be used: TCP, TLS, HELLO and AUTH together
     */
    RedisConnector(RedisAddress address, Duration timeout, Duration connectTimeout) {
        this(
                address,
                timeout,
                connectTimeout,
                new DefaultEventLoopGroupProvider(address.kind() == RedisAddress.Kind.CLUSTER ? 2 : 1),
                DefaultClientResources.builder().computationThreadPoolSize(2));
    }

    private RedisConnector(
            RedisAddress address,
            Duration timeout,
            Duration connectTimeout,
            EventLoopGroupProvider loops,
            ClientResources.Builder resources) {
        this.address = address;
        this.timeout = timeout;
        this.connectTimeout = connectTimeout;
        this.loops = loops;
        this.resources = resources
                .eventLoopGroupProvider(loops)
                .reconnectDelay(ConnectPace.DELAY)
                .commandLatencyRecorder(CommandLatencyRecorder.disabled())
                .nettyCustomizer(new NettyCustomizer() {
                    @Override
                    public void afterChannelInitialized(Channel channel) {
                        loop = channel.eventLoop();
                        ConnectPhase.watch(channel, phase -> closedIn = phase);
                    }
                })
                .build();
        this.clients =
                new StoreClients(address, timeout, connectTimeout, this.resources, !(loops instanceof GivenLoop));
        boolean cluster = address.kind() == RedisAddress.Kind.CLUSTER;
        this.client = cluster ? clients.cluster() : clients.server();
        this.asked = address.kind() != RedisAddress.Kind.SERVER;
        this.suitsLoops = address.kind() == RedisAddress.Kind.SENTINEL && isClear();
    }

    /**
     * A connector to the same server whose connections run on that event loop, which its owner still has to end. The
     * caller must limit the time of script calls: see {@link Deadlines}.
     */
    RedisConnector on(EventLoop owners) {
        ClientResources.Builder shared = DefaultClientResources.builder()
                .eventExecutorGroup(resources.eventExecutorGroup())
                .timer(resources.timer());
        return new RedisConnector(address, timeout, connectTimeout, new GivenLoop(owners), shared);
    }

    /** How long one command may take. */
    Duration timeout() {
        return timeout;
    }

    /** Whether connections may run on the callers' loops: only to what is known to be one server, without TLS. */
    boolean suitsLoops() {
        return suitsLoops;
    }

    private boolean isClear() {
        return !address.nodes().get(0).isSsl();
    }

    /** Opens a connection to a server, only for commands. A failure says which phase took too long. */
    CompletableFuture<Connected> connectForCommands() {
        return told(forCommands());
    }

    private CompletableFuture<Connected> forCommands() {
        return connectOnce()
                .exceptionallyCompose(
                        failure -> address.heard(failure) ? connectOnce() : CompletableFuture.failedFuture(failure));
    }

    private CompletableFuture<Connected> told(CompletableFuture<Connected> connecting) {
        return connecting.exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                StoreFault.isTimeout(failure) ? closedIn.over(connectTimeout) : failure));
    }

    private CompletableFuture<Connected> connectOnce() {
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

    /** Opens a connection for exclusive use. */
    CompletableFuture<OwnConnection> connectAlone() {
        try {
            if (client instanceof RedisClusterClient cluster) {
                return cluster.connectAsync(ByteArrayCodec.INSTANCE).thenApply(OwnConnection.ToCluster::new);
            }
            return ((RedisClient) client)
                    .connectAsync(ByteArrayCodec.INSTANCE, address.nodes().get(0))
                    .toCompletableFuture()
                    .thenApply(OwnConnection.ToServer::new);
        } catch (RuntimeException failed) {
            return CompletableFuture.failedFuture(failed);
        }
    }

    /** Opens connections for commands and for announcements. A failure says which phase took too long. */
    CompletableFuture<Connected> connect(Consumer<byte[]> announcements) {
        return told(connectBoth(announcements));
    }

    private CompletableFuture<Connected> connectBoth(Consumer<byte[]> announcements) {
        try {
            if (client instanceof RedisClusterClient cluster) {
                return connect(cluster, announcements);
            }
            return forCommands()
                    .thenCompose(forCommands -> isCluster(forCommands)
                            .whenComplete((known, failure) -> {
                                if (failure != null || known) {
                                    forCommands.close();
                                }
                            })
                            .thenCompose(cluster -> cluster
                                    ? changeToCluster(announcements)
                                    : alsoSubscribed(forCommands, announcements)));
        } catch (RuntimeException failed) {
            return CompletableFuture.failedFuture(failed);
        }
    }

    private CompletableFuture<Connected> alsoSubscribed(Connected forCommands, Consumer<byte[]> announcements) {
        RedisClient server = (RedisClient) client;
        RedisURI uri = address.nodes().get(0);
        return both(forCommands, subscribed(server.connectPubSubAsync(ByteArrayCodec.INSTANCE, uri), announcements));
    }

    private static CompletableFuture<Connected> connect(RedisClusterClient cluster, Consumer<byte[]> announcements) {
        return cluster.refreshPartitionsAsync()
                .toCompletableFuture()
                .thenCompose(refreshed -> cluster.connectAsync(ByteArrayCodec.INSTANCE))
                .thenCompose(forCommands -> both(
                        new Connected(forCommands.async(), ScriptCalls.toCluster(forCommands), forCommands, null),
                        subscribed(cluster.connectPubSubAsync(ByteArrayCodec.INSTANCE), announcements)));
    }

    /**
     * Asks the server once whether it is in a cluster. If it is not ready yet, this fails, and it is asked again later.
     */
    private CompletableFuture<Boolean> isCluster(Connected forCommands) {
        if (asked) {
            return CompletableFuture.completedFuture(false);
        }
        return forCommands.commands().clusterInfo().toCompletableFuture().handle((info, failure) -> {
            Throwable cause = failure == null ? null : StoreConnection.unwrap(failure);
            if (cause != null
                    && (!(cause instanceof RedisCommandExecutionException) || cause instanceof RedisLoadingException)) {
                throw new CompletionException(cause);
            }
            // An error means that the server is in no cluster, or that its user may not ask.
            boolean cluster = cause == null && info.contains("cluster_state:");
            asked = true;
            suitsLoops = !cluster && isClear();
            return cluster;
        });
    }

    private CompletableFuture<Connected> changeToCluster(Consumer<byte[]> announcements) {
        RedisClusterClient cluster = clients.cluster();
        former = client;
        client = cluster;
        return connect(cluster, announcements);
    }

    /** Both connections, or neither: if the second fails, the first is closed. */
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
            Consumer<byte[]> announcements) {
        return connecting
                .<StatefulRedisPubSubConnection<byte[], byte[]>>thenCompose(connection -> {
                    connection.addListener(new RedisPubSubAdapter<>() {
                        @Override
                        public void message(byte[] channel, byte[] message) {
                            announcements.accept(message);
                        }
                    });
                    return connection
                            .async()
                            .subscribe(StepScript.CHANNEL)
                            .whenComplete((done, failure) -> {
                                if (failure != null) {
                                    connection.closeAsync();
                                }
                            })
                            .thenApply(done -> connection);
                })
                .toCompletableFuture();
    }

    CompletableFuture<?> close() {
        AbstractRedisClient before = former;
        CompletableFuture<?> ended = before == null
                ? CompletableFuture.completedFuture(null)
                : before.shutdownAsync(0, 100, TimeUnit.MILLISECONDS);
        return ended.thenCompose(done -> client.shutdownAsync(0, 100, TimeUnit.MILLISECONDS))
                .thenRun(() -> resources.shutdown(0, 100, TimeUnit.MILLISECONDS))
                .thenRun(() -> loops.shutdown(0, 100, TimeUnit.MILLISECONDS));
    }
}
