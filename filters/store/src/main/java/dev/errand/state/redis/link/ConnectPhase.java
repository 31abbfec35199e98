package dev.errand.state.redis.link;

import io.lettuce.core.RedisCommandTimeoutException;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.time.Duration;
import java.util.function.Consumer;

/** What a new connection has to do next before it can be used. */
enum ConnectPhase {
    /** The TCP connection. */
    TCP("the TCP connection was not open"),
    /** The TLS handshake. */
    TLS("the TLS handshake was not over"),
    /** The first commands of a connection. */
    LOGIN("the login (HELLO, AUTH) was not answered");

    private final String missing;

    ConnectPhase(String missing) {
        this.missing = missing;
    }

    /** Whether the failure means that connecting took too long. */
    static boolean isTimeout(Throwable cause) {
        return cause instanceof ConnectTimeoutException
                || cause instanceof SslHandshakeTimeoutException
                || (cause instanceof RedisCommandTimeoutException
                        && String.valueOf(cause.getMessage()).startsWith("Connection initialization timed out"));
    }

    /** A connection that took too long in this phase. */
    SlowStoreException over(Duration limit) {
        return new SlowStoreException(this, missing + " within " + limit.toMillis() + " ms");
    }

    /** Connecting took longer than its limit. */
    static final class SlowStoreException extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final ConnectPhase phase;

        private SlowStoreException(ConnectPhase phase, String message) {
            super(message, null, false, false);
            this.phase = phase;
        }

        ConnectPhase phase() {
            return phase;
        }
    }

    /** Tells, when the connection is closed, in which phase it was. */
    static void watch(Channel channel, Consumer<ConnectPhase> closedIn) {
        Watch watch = new Watch();
        ChannelHandlerContext tls = channel.pipeline().context(SslHandler.class);
        if (tls == null) {
            watch.active = LOGIN;
            channel.pipeline().addFirst(watch);
        } else {
            channel.pipeline().addAfter(tls.name(), null, watch);
        }
        channel.closeFuture().addListener(closed -> closedIn.accept(watch.now));
    }

    /** Follows one connection. */
    private static final class Watch extends ChannelInboundHandlerAdapter {
        private ConnectPhase active = TLS;
        private ConnectPhase now = TCP;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            now = active;
            context.fireChannelActive();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof SslHandshakeCompletionEvent done && done.isSuccess()) {
                now = LOGIN;
            }
            context.fireUserEventTriggered(event);
        }
    }
}
