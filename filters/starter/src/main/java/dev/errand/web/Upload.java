package dev.errand.web;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.server.reactive.ServerHttpRequest;
import reactor.core.CoreSubscriber;
import reactor.netty.channel.AbortedException;
import reactor.util.context.Context;

/**
 * A request's body on its way to the upstream, buffer by buffer. A body that breaks off ends in a {@link BrokenException},
 * by which the client closes the upstream's connection: a part of a body must never pass for the whole. The client's
 * {@code reactor.netty.send.maxPrefetchSize} bounds how many buffers are read ahead of the upstream.
 */
public final class Upload implements Publisher<ByteBuf> {
    private final ServerHttpRequest request;

    public Upload(ServerHttpRequest request) {
        this.request = request;
    }

    /** The request's body broke off: its sender is gone, or sent a malformed body. */
    public static final class BrokenException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BrokenException(String how, @Nullable Throwable cause) {
            super(how, cause, false, false);
        }
    }

    /** Whether the sender ended the body, or its connection failed; else it is a fault of the gateway. */
    static boolean isOfTheSender(Throwable error) {
        return error instanceof AbortedException
                || error instanceof IOException
                || error instanceof ChannelException
                || error instanceof Http2Exception;
    }

    @Override
    public void subscribe(Subscriber<? super ByteBuf> sent) {
        request.getBody().subscribe(new Sending(request, sent));
    }

    private record Sending(ServerHttpRequest request, Subscriber<? super ByteBuf> sent)
            implements CoreSubscriber<DataBuffer> {
        @Override
        public Context currentContext() {
            return sent instanceof CoreSubscriber<?> core ? core.currentContext() : Context.empty();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            sent.onSubscribe(new Plain(subscription));
        }

        @Override
        public void onNext(DataBuffer buffer) {
            sent.onNext(NettyDataBufferFactory.toByteBuf(buffer));
        }

        @Override
        public void onError(Throwable error) {
            sent.onError(isOfTheSender(error) ? new BrokenException("the sender is gone", error) : error);
        }

        @Override
        public void onComplete() {
            if (MalformedBody.isOf(request)) {
                sent.onError(new BrokenException("a chunk is malformed", null));
            } else {
                sent.onComplete();
            }
        }
    }

    /** The body's subscription, without its queue: the client would read the queue itself, past this class. */
    private record Plain(Subscription body) implements Subscription {
        @Override
        public void request(long buffers) {
            body.request(buffers);
        }

        @Override
        public void cancel() {
            body.cancel();
        }
    }
}
