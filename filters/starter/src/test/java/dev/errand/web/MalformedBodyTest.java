package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.netty.NettyPipeline;

/** Where a connection is watched for malformed bodies: once, directly before the handler of HTTP/1.1. */
class MalformedBodyTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private List<String> handlers() {
        List<String> names = new ArrayList<>();
        channel.pipeline().forEach(entry -> names.add(name(entry.getKey(), entry.getValue())));
        return names;
    }

    private static String name(String name, ChannelHandler handler) {
        return handler instanceof MalformedBody ? "watch" : name;
    }

    private static ChannelHandler other() {
        return new ChannelInboundHandlerAdapter();
    }

    @Test
    void handshake_whereTheHandlersWereInPlaceBefore_movesNothing() {
        channel.pipeline()
                .addLast(NettyPipeline.HttpTrafficHandler, other())
                .addLast(NettyPipeline.ReactiveBridge, other());
        MalformedBody.watch(channel.pipeline());
        channel.pipeline().fireUserEventTriggered(SslHandshakeCompletionEvent.SUCCESS);
        assertThat(handlers())
                .startsWith("watch", NettyPipeline.HttpTrafficHandler, NettyPipeline.ReactiveBridge)
                .containsOnlyOnce("watch");
    }

    @Test
    void handshake_thatChoosesTheProtocol_movesTheWatchToItsHandlers() {
        channel.pipeline().addLast(NettyPipeline.ReactiveBridge, other());
        MalformedBody.watch(channel.pipeline());
        channel.pipeline()
                .addBefore(NettyPipeline.ReactiveBridge, NettyPipeline.HttpCodec, other())
                .addBefore(NettyPipeline.ReactiveBridge, NettyPipeline.HttpTrafficHandler, other());
        channel.pipeline().fireUserEventTriggered(SslHandshakeCompletionEvent.SUCCESS);
        assertThat(handlers())
                .startsWith(
                        NettyPipeline.HttpCodec,
                        "watch",
                        NettyPipeline.HttpTrafficHandler,
                        NettyPipeline.ReactiveBridge)
                .containsOnlyOnce("watch");
    }
}
