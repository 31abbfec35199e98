package dev.errand.web.send;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;
import reactor.netty.NettyPipeline;

/**
 * Sits beside the HTTP codec of a connection to an upstream while a WebSocket is opened. It takes out the {@code
 * Origin} that the client library invents. It turns an answer other than 101 into a {@link HandshakeRefusedException}
 * with the body, which the library would drop. It leaves once the handshake is answered. One per connection.
 */
final class HandshakeWire extends ChannelDuplexHandler {
    /** The most bytes of a refusal's body that are kept; what is longer is cut off. */
    static final int MAX_BODY = 64 << 10;

    private static final String NAME = "errand.handshake";

    private final boolean origin;
    private final Runnable handed;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private @Nullable HttpResponse refused;
    private boolean interim;

    private HandshakeWire(boolean origin, Runnable handed) {
        this.origin = origin;
        this.handed = handed;
    }

    /**
     * Puts itself into the connection.
     *
     * @param origin whether the client sent an Origin, which then passes
     * @param handed runs once the handshake is handed to the connection
     */
    static void on(Connection connection, boolean origin, Runnable handed) {
        if (connection.channel().pipeline().get(NettyPipeline.HttpCodec) != null) {
            connection.channel().pipeline().addAfter(NettyPipeline.HttpCodec, NAME, new HandshakeWire(origin, handed));
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof HttpRequest request && !origin) {
            request.headers().remove(HttpHeaderNames.ORIGIN);
        }
        context.write(message, promise);
        if (message instanceof HttpRequest) {
            handed.run();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpResponse response) {
            int status = response.status().code();
            interim = status < 200 && status != 101;
            if (status == 101) {
                context.pipeline().remove(this);
                context.fireChannelRead(message);
                return;
            }
            refused = interim ? null : response;
        }
        if (refused == null && !interim) {
            context.fireChannelRead(message);
            return;
        }
        try {
            if (refused != null && message instanceof HttpContent content) {
                keep(content, refused, context);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void keep(HttpContent content, HttpResponse response, ChannelHandlerContext context) {
        int length = Math.min(content.content().readableBytes(), MAX_BODY - body.size());
        byte[] bytes = new byte[length];
        content.content().readBytes(bytes);
        body.writeBytes(bytes);
        if (content instanceof LastHttpContent || body.size() >= MAX_BODY) {
            refused = null;
            interim = true;
            HttpHeaders headers = response.headers();
            context.fireExceptionCaught(
                    new HandshakeRefusedException(response.status().code(), headers, body.toByteArray()));
            context.close();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.fireChannelReadComplete();
        if (refused != null || interim) {
            // The library asks for one read; the rest of a refusal may come in others.
            context.read();
        }
    }
}
