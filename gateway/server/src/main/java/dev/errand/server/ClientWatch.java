package dev.errand.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2FrameCodec;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/**
 * Sees the decrypted bytes of one client, and finds out by the first ones which version of HTTP the client speaks. The deadline
 * of the first head runs from the opening of the connection, so it includes the TLS handshake. Used on the event loop of the
 * connection.
 */
final class ClientWatch extends ChannelDuplexHandler {
    private static final ByteBuf PREFACE = Http2CodecUtil.connectionPrefaceBuf();

    private final ServerBounds bounds;
    private final Closings closings;
    private final GracefulClose gracefulClose;

    private @Nullable ConnectionClock clock;
    private volatile @Nullable Http1Watch http1;
    private @Nullable Http2Watch http2;
    private int matched;

    private ClientWatch(ServerBounds bounds, Closings closings, GracefulClose gracefulClose) {
        this.bounds = bounds;
        this.closings = closings;
        this.gracefulClose = gracefulClose;
    }

    /** To be called when the handlers of the connection are in place. */
    static void on(ChannelPipeline pipeline, ServerBounds bounds, Closings closings, GracefulClose gracefulClose) {
        ClientWatch watch = new ClientWatch(bounds, closings, gracefulClose);
        if (pipeline.context(NettyPipeline.SslHandler) == null) {
            pipeline.addFirst(watch);
        } else {
            pipeline.addAfter(NettyPipeline.SslHandler, null, watch);
        }
    }

    /** Whether a request of HTTP/1.1 has come whose answer is not complete. To be called on any thread. */
    static boolean hasRequest(ChannelPipeline pipeline) {
        ClientWatch watch = pipeline.get(ClientWatch.class);
        Http1Watch requests = watch == null ? null : watch.http1;
        return requests != null && requests.hasRequest();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        clock = new ConnectionClock(ctx, bounds, closings);
        gracefulClose.add(ctx.channel());
    }

    /** Has the connection end after its present work. Does nothing while its version of HTTP is not known. */
    void depart() {
        Http1Watch requests = http1;
        if (requests != null) {
            requests.depart();
        } else if (http2 != null) {
            http2.depart();
        }
    }

    /** Closes the connection if no request is under way on it. */
    void leave() {
        Http1Watch requests = http1;
        if (requests != null) {
            requests.leave();
        } else if (http2 != null) {
            http2.leave();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (clock != null) {
            clock.stop();
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Http1Watch requests = http1;
        if (requests != null) {
            boolean begins = !(message instanceof ByteBuf bytes) || requests.mayBegin(bytes);
            ctx.fireChannelRead(message);
            requests.bytesCame(begins);
            return;
        }
        if (message instanceof ByteBuf bytes) {
            if (http2 == null) {
                begin(ctx, bytes);
            } else {
                http2.scan(bytes, bytes.readerIndex());
                ctx.fireChannelRead(bytes);
            }
            return;
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        ctx.flush();
        if (clock != null) {
            clock.flushed();
        }
    }

    private void begin(ChannelHandlerContext ctx, ByteBuf bytes) {
        ConnectionClock started = clock;
        if (started == null) {
            throw new IllegalStateException("bytes came before the handler was added");
        }
        int at = bytes.readerIndex();
        while (matched < PREFACE.capacity()
                && at < bytes.writerIndex()
                && bytes.getByte(at) == PREFACE.getByte(matched)) {
            matched++;
            at++;
        }
        if (matched == PREFACE.capacity()) {
            // Without TLS the preface puts the codec in place. The frames behind it must find it followed already.
            ctx.fireChannelRead(bytes.readRetainedSlice(at - bytes.readerIndex()));
            Http2FrameCodec codec = ctx.pipeline().get(Http2FrameCodec.class);
            if (codec != null && ctx.channel().isActive()) {
                Http2Watch frames = new Http2Watch(started);
                frames.attach(ctx.pipeline().context(codec), codec);
                frames.scan(bytes, at);
                http2 = frames;
                departIfBegun();
            }
            ctx.fireChannelRead(bytes);
        } else if (at == bytes.writerIndex()) {
            ctx.fireChannelRead(bytes);
        } else {
            Http1Watch requests = Http1Watch.on(ctx.pipeline(), started);
            http1 = requests;
            departIfBegun();
            ctx.fireChannelRead(bytes);
            requests.bytesCame(true);
        }
    }

    private void departIfBegun() {
        if (gracefulClose.hasBegun()) {
            depart();
        }
    }
}
