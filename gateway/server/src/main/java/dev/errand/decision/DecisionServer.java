package dev.errand.decision;

import dev.errand.autoconfigure.DecisionServiceProperties;
import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.context.WebServerGracefulShutdownLifecycle;
import org.springframework.context.SmartLifecycle;

/**
 * The listener of the decision service. It stops in the same steps as the traffic port: first health says so, then no new stream is
 * accepted, and streams under way may finish; the rest ends in {@code UNAVAILABLE}. Thread-safe.
 */
final class DecisionServer implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(DecisionServer.class);

    /** A body that is given whole, and what is around it. */
    private static final int MAX_MESSAGE_BYTES = (16 << 20) + (1 << 20);

    private static final int MAX_STREAMS = 100_000;

    private final DecisionServiceProperties properties;
    private final Function<String, Path> files;
    private final ServiceLoops loops;
    private final List<BindableService> services;
    private final HealthStatusManager health = new HealthStatusManager();
    private final AtomicBoolean departed = new AtomicBoolean();
    private volatile @Nullable Server server;
    private @Nullable SocketFile socket;
    private @Nullable ServiceKeys keys;

    /** @param files finds the file that a {@code file:} value names */
    DecisionServer(
            DecisionServiceProperties properties,
            Function<String, Path> files,
            ServiceLoops loops,
            List<BindableService> services) {
        this.properties = properties;
        this.files = files;
        this.loops = loops;
        this.services = services;
    }

    @Override
    public void start() {
        try {
            Path place = properties.socket();
            Server started = place == null ? tcp() : unix(place);
            server = started;
            LOG.info("decision service on {}", place == null ? started.getListenSockets() : place);
        } catch (IOException e) {
            throw new UncheckedIOException("errand.decision-service.listen: " + e.getMessage(), e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("errand.decision-service.tls: " + e.getMessage(), e);
        }
    }

    private Server unix(Path place) throws IOException {
        SocketFile file = SocketFile.at(place);
        socket = file;
        NettyServerBuilder builder =
                NettyServerBuilder.forAddress(loops.address(file.bound())).channelType(loops.unix());
        // It is for TCP only, and gRPC sets it for every channel.
        builder.withChildOption(ChannelOption.SO_KEEPALIVE, null);
        services.forEach(builder::addService);
        Server started = begun(builder.addService(health.getHealthService()));
        file.publish();
        return started;
    }

    private Server tcp() throws IOException, GeneralSecurityException {
        DecisionServiceProperties.Tls tls = properties.tls();
        if (tls == null) {
            throw new IllegalStateException("a TCP address needs TLS");
        }
        ServiceKeys held = new ServiceKeys(tls, files);
        keys = held;
        PeerNames names = new PeerNames(tls.names(), held::isTrusted);
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                        new InetSocketAddress(properties.host(), properties.port()))
                .channelType(loops.tcp())
                .sslContext(held.context())
                .addTransportFilter(names);
        services.forEach(service -> builder.addService(ServerInterceptors.intercept(service, names)));
        return begun(builder.addService(ServerInterceptors.intercept(health.getHealthService(), names)));
    }

    private Server begun(NettyServerBuilder builder) throws IOException {
        Server started = builder.bossEventLoopGroup(loops.acceptors())
                .workerEventLoopGroup(loops.workers())
                .directExecutor()
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .maxConcurrentCallsPerConnection(MAX_STREAMS)
                .permitKeepAliveTime(10, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .build()
                .start();
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
        health.setStatus(ExternalProcessorGrpc.SERVICE_NAME, ServingStatus.SERVING);
        return started;
    }

    /** The port of TCP; -1 for a Unix socket. */
    int port() {
        Server running = server;
        return running == null ? -1 : running.getPort();
    }

    /** Health says that the service ends; requests are decided as before. */
    void depart() {
        if (departed.compareAndSet(false, true)) {
            health.enterTerminalState();
        }
    }

    /** Accepts no more streams, and waits for those under way. */
    @Override
    public void stop(Runnable stopped) {
        depart();
        Server running = server;
        if (running == null) {
            stopped.run();
            return;
        }
        running.shutdown();
        Thread waiting = new Thread(
                () -> {
                    try {
                        running.awaitTermination();
                    } catch (InterruptedException ended) {
                        Thread.currentThread().interrupt();
                    }
                    stopped.run();
                },
                "errand-decision-stop");
        waiting.setDaemon(true);
        waiting.start();
    }

    @Override
    public void stop() {
        Server running = server;
        server = null;
        if (running != null) {
            running.shutdownNow();
        }
        if (keys != null) {
            keys.close();
        }
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException left) {
                LOG.warn("the socket of the decision service is left behind: {}", left.getMessage());
            }
        }
    }

    @Override
    public boolean isRunning() {
        return server != null;
    }

    /** As the traffic port. */
    @Override
    public int getPhase() {
        return WebServerGracefulShutdownLifecycle.SMART_LIFECYCLE_PHASE;
    }
}
