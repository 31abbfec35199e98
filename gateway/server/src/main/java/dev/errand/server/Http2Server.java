package dev.errand.server;

import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.core.Ordered;

/**
 * HTTP/2 of the traffic port, if {@code server.http2.enabled} says so: with TLS by ALPN, without TLS only by prior
 * knowledge. It has the bounds of HTTP/1.1, and a bound of concurrent calls on one connection.
 */
record Http2Server(ServerProperties server)
        implements WebServerFactoryCustomizer<NettyReactiveWebServerFactory>, Ordered {
    /** How many concurrent calls one connection may have. */
    private static final int STREAMS = 256;

    /** Runs after the configured properties were applied, since it replaces their HTTP/2 settings. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public void customize(NettyReactiveWebServerFactory factory) {
        if (!server.getHttp2().isEnabled()) {
            return;
        }
        long headerBytes = server.getMaxHttpRequestHeaderSize().toBytes();
        factory.addServerCustomizers(http -> http.http2Settings(
                settings -> settings.maxHeaderListSize(headerBytes).maxConcurrentStreams(STREAMS)));
        boolean tls = server.getSsl() != null && server.getSsl().isEnabled();
        if (!tls) {
            factory.addServerCustomizers(http ->
                    http.doOnChannelInit((observer, channel, remote) -> H2cUpgrade.ignoreOn(channel.pipeline())));
        }
    }
}
