package dev.errand.server;

import dev.errand.autoconfigure.ServerBoundsProperties;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;

/**
 * Holds the connections of a port to their bounds: {@code errand.server} on the traffic port. On the operator's port the
 * number is fixed, a head has {@value #OPERATOR_HEADER_SECONDS} seconds at most, and a connection above the number takes the
 * place of the oldest one without a request under way: so silent connections do not keep a probe out.
 */
public final class ServerConnections implements WebServerFactoryCustomizer<NettyReactiveWebServerFactory>, Ordered {
    /** How many connections the operator's port takes at once. */
    static final int OPERATOR_CONNECTIONS = 256;

    private static final int OPERATOR_HEADER_SECONDS = 2;

    private static final Logger LOG = LoggerFactory.getLogger(ServerConnections.class);

    private final ServerBounds bounds;
    private final Closings closings;
    private final GracefulClose gracefulClose = new GracefulClose();

    private ServerConnections(ServerBounds bounds, Closings closings) {
        this.bounds = bounds;
        this.closings = closings;
    }

    /** The bounds of the traffic port. It accepts at most as many connections as the limit of open files allows. */
    public static ServerConnections ofTraffic(ServerBoundsProperties configured, MeterRegistry registry) {
        int connections = bounded(configured.connections(), FileLimit.read());
        return new ServerConnections(
                ServerBounds.ofTraffic(configured, connections), new Closings(registry, "traffic"));
    }

    /** The bounds of the operator's port. */
    public static ServerConnections ofOperator(ServerBoundsProperties configured, MeterRegistry registry) {
        return new ServerConnections(
                ServerBounds.ofOperator(configured, OPERATOR_CONNECTIONS, Duration.ofSeconds(OPERATOR_HEADER_SECONDS)),
                new Closings(registry, "operator"));
    }

    /** The configured number, or a smaller one if the limit of open files has no room for it. */
    static int bounded(int configured, @Nullable FileLimit files) {
        if (files == null) {
            return configured;
        }
        int fit = files.connections();
        if (configured == 0) {
            return fit;
        }
        if (fit < configured) {
            LOG.warn(
                    "errand.server.connections is {}, but this process may open {} files: at most {} connections are"
                            + " taken at once; raise the limit (ulimit -n) to {}, or lower errand.server.connections",
                    configured,
                    files.max(),
                    fit,
                    files.needed(configured));
        }
        return Math.min(configured, fit);
    }

    /** From now on the port still serves, but has its clients close their connections. This cannot be undone. */
    void depart() {
        gracefulClose.begin();
    }

    /** Closes the connections on which no request is under way. */
    void leave() {
        gracefulClose.end();
    }

    /** Runs before the customizer of HTTP/2, which adds handlers as well. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE - 1;
    }

    @Override
    public void customize(NettyReactiveWebServerFactory factory) {
        factory.addServerCustomizers(http -> http.doOnBound(
                        server -> server.channel().pipeline().addFirst(new AcceptBounds(bounds, closings)))
                .doOnChannelInit((observer, channel, remote) ->
                        ClientWatch.on(channel.pipeline(), bounds, closings, gracefulClose)));
    }
}
