package dev.errand.web;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.netty.Connection;
import reactor.netty.NettyPipeline;
import reactor.netty.channel.ChannelOperations;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Notes which request of an HTTP/1.1 connection has a malformed body: a chunk or trailer that cannot be read (RFC
 * 9112 section 7.1). The HTTP server itself would answer 400 and let the body end as if it were whole. With this
 * handler the body ends, its reader asks {@link #isOf}, the filters answer the call, and the connection is closed
 * after the answer. Each connection has one, used by its event loop.
 */
public final class MalformedBody extends ChannelInboundHandlerAdapter {
    /** The header fields of the request whose body is malformed. Their identity identifies the request. */
    private static final AttributeKey<HttpHeaders> OF = AttributeKey.valueOf(MalformedBody.class, "of");

    /** Whether the handlers of HTTP are put in place only when TLS has agreed on a protocol. */
    private final boolean early;

    private @Nullable HttpHeaders reading;

    private MalformedBody(boolean early) {
        this.early = early;
    }

    /** Watches a connection. Its handlers must be in place, or will be once TLS has agreed on a protocol. */
    public static void watch(ChannelPipeline pipeline) {
        if (pipeline.get(NettyPipeline.HttpTrafficHandler) != null) {
            pipeline.addBefore(NettyPipeline.HttpTrafficHandler, null, new MalformedBody(false));
        } else {
            pipeline.addBefore(NettyPipeline.ReactiveBridge, null, new MalformedBody(true));
        }
    }

    /** Whether the body of that request was found malformed. To be asked when it has ended. */
    static boolean isOf(ServerHttpRequest request) {
        Object server = ServerHttpRequestDecorator.getNativeRequest(request);
        return server instanceof HttpServerRequest received
                && server instanceof Connection connection
                && connection.channel().hasAttr(OF)
                && connection.channel().attr(OF).get() == received.requestHeaders();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        ChannelPipeline pipeline = ctx.pipeline();
        if (early
                && event instanceof SslHandshakeCompletionEvent
                && pipeline.get(NettyPipeline.HttpTrafficHandler) != null) {
            // The handlers of HTTP/1.1 were added after this one.
            pipeline.addBefore(NettyPipeline.HttpTrafficHandler, null, new MalformedBody(false));
            ctx.fireUserEventTriggered(event);
            pipeline.remove(this);
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest request) {
            reading = request.headers();
        } else if (message instanceof HttpContent content
                && content.decoderResult().isFailure()) {
            ReferenceCountUtil.release(message);
            end(ctx);
            reading = null;
            return;
        } else if (message instanceof LastHttpContent) {
            // The fields are not kept while the connection is idle.
            reading = null;
        }
        ctx.fireChannelRead(message);
    }

    private void end(ChannelHandlerContext ctx) {
        ctx.channel().attr(OF).set(reading);
        ChannelOperations<?, ?> call = ChannelOperations.get(ctx.channel());
        boolean own = call instanceof HttpServerRequest answering && answering.requestHeaders() == reading;
        ctx.pipeline().addBefore(ctx.name(), null, new Closing(own));
        ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
        if (call == null) {
            // The request was answered already: no later write would close the connection.
            ctx.close();
        }
    }

    /** Closes the connection after the next answer; nothing can be read from it any more. */
    private static final class Closing extends ChannelOutboundHandlerAdapter {
        private final boolean own;
        private boolean begun;

        /** @param own whether the next answer belongs to the malformed request, not to an earlier one */
        Closing(boolean own) {
            this.own = own;
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            ChannelPromise written = promise;
            if (message instanceof HttpResponse response) {
                if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
                    ctx.write(message, promise);
                    return;
                }
                begun = true;
                HttpUtil.setKeepAlive(response, false);
            }
            if (message instanceof LastHttpContent) {
                if (own && !begun) {
                    // The answer began before its request became malformed; the upstream's connection was
                    // closed since.
                    ReferenceCountUtil.release(message);
                    ctx.close(promise);
                    return;
                }
                written = promise.unvoid();
                written.addListener(ChannelFutureListener.CLOSE);
            }
            ctx.write(message, written);
        }
    }
}
