package dev.errand.server;

import dev.errand.server.ConnectionClock.Wait;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.AsciiString;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;

/**
 * Follows the streams of one HTTP/2 connection, and resets a stream in three cases: its head is no request (RFC 9113 section
 * 8.3.1), its body stalls, or the client takes no byte of its answer. Used on the event loop of the connection.
 */
final class Http2Streams extends Http2ConnectionAdapter {
    private static final AsciiString HTTP = AsciiString.cached("http");
    private static final AsciiString HTTPS = AsciiString.cached("https");

    private final ConnectionClock clock;
    private final ChannelHandlerContext context;
    private final Http2FrameCodec codec;
    private final IntObjectMap<Exchange> exchanges = new IntObjectHashMap<>();

    /** One request and its answer. */
    private static final class Exchange {
        private boolean hasHead;
        /** Whether more of the request's body is to come, and when its last byte came. */
        private boolean inBody;

        private long bodyNanos;
        /** The bytes for which the client opened the stream's window, besides the initial ones. */
        private long opened;
        /** Whether a part of the answer waits for the window, how many bytes were sent by then, and since when. */
        private boolean waits;

        private long sent;
        private long sentNanos;
    }

    private Http2Streams(ConnectionClock clock, ChannelHandlerContext context, Http2FrameCodec codec) {
        this.clock = clock;
        this.context = context;
        this.codec = codec;
    }

    /** Follows a connection of which no frame has been read yet. */
    static Http2Streams on(ConnectionClock clock, ChannelHandlerContext context, Http2FrameCodec codec) {
        Http2Streams streams = new Http2Streams(clock, context, codec);
        codec.connection().addListener(streams);
        codec.decoder().frameListener(streams.new Frames(codec));
        return streams;
    }

    /** The frames that the client sends, on their way to the codec. A frame that is no part of a request goes no further. */
    private final class Frames extends Http2FrameListenerDecorator {
        Frames(Http2FrameCodec codec) {
            super(codec.decoder().frameListener());
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx, int id, Http2Headers headers, int padding, boolean endOfStream)
                throws Http2Exception {
            if (passes(id, headers)) {
                super.onHeadersRead(ctx, id, headers, padding, endOfStream);
            }
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx,
                int id,
                Http2Headers headers,
                int dependency,
                short weight,
                boolean exclusive,
                int padding,
                boolean endOfStream)
                throws Http2Exception {
            if (passes(id, headers)) {
                super.onHeadersRead(ctx, id, headers, dependency, weight, exclusive, padding, endOfStream);
            }
        }

        @Override
        public void onWindowUpdateRead(ChannelHandlerContext ctx, int id, int increment) throws Http2Exception {
            Exchange exchange = exchanges.get(id);
            if (exchange != null) {
                exchange.opened += increment;
            }
            super.onWindowUpdateRead(ctx, id, increment);
        }
    }

    /** Whether a header block goes on: it is a request's head, or trailers. Else its stream is reset. */
    private boolean passes(int id, Http2Headers headers) {
        Exchange exchange = exchanges.get(id);
        if (exchange == null || exchange.hasHead) {
            return true;
        }
        if (!isRequest(headers)) {
            reset(id, Http2Error.PROTOCOL_ERROR, Closing.MALFORMED);
            return false;
        }
        exchange.hasHead = true;
        clock.begin(Wait.NOTHING);
        long now = System.nanoTime();
        exchange.bodyNanos = now;
        clock.fireWithin(exchange.inBody ? bodyBound() : ConnectionClock.NEVER, now);
        clock.fireWithin(clock.bounds().answerCheckNanos(), now);
        return true;
    }

    private static boolean isRequest(Http2Headers headers) {
        CharSequence path = headers.path();
        CharSequence scheme = headers.scheme();
        return headers.method() != null
                && path != null
                && !path.isEmpty()
                && scheme != null
                && (AsciiString.contentEqualsIgnoreCase(HTTP, scheme)
                        || AsciiString.contentEqualsIgnoreCase(HTTPS, scheme));
    }

    /** A byte of a frame with a body came, also if the frame is not complete. */
    void dataCame(int id) {
        Exchange exchange = exchanges.get(id);
        if (exchange != null) {
            exchange.bodyNanos = System.nanoTime();
        }
    }

    @Override
    public void onStreamActive(Http2Stream opened) {
        Exchange exchange = new Exchange();
        exchange.inBody = opened.state().remoteSideOpen();
        exchanges.put(opened.id(), exchange);
    }

    @Override
    public void onStreamHalfClosed(Http2Stream half) {
        Exchange exchange = exchanges.get(half.id());
        if (exchange != null && !half.state().remoteSideOpen()) {
            exchange.inBody = false;
        }
    }

    @Override
    public void onStreamClosed(Http2Stream closed) {
        exchanges.remove(closed.id());
        if (exchanges.isEmpty() && clock.waits() == Wait.NOTHING) {
            clock.begin(Wait.IDLE);
        }
    }

    /**
     * Resets what is overdue. Returns how long the next wait lasts from now, in nanoseconds; {@link ConnectionClock#NEVER}
     * if there is none.
     */
    long expire(long nowNanos) {
        long next = ConnectionClock.NEVER;
        for (int id : ids()) {
            Exchange exchange = exchanges.get(id);
            Http2Stream stream = codec.connection().stream(id);
            if (exchange == null || stream == null || !exchange.hasHead) {
                continue;
            }
            long body = exchange.inBody ? bodyLeft(exchange, stream, nowNanos) : ConnectionClock.NEVER;
            long answer = body <= 0 ? ConnectionClock.NEVER : answerLeft(exchange, stream, nowNanos);
            if (body <= 0) {
                reset(id, Http2Error.CANCEL, Closing.PROGRESS);
            } else if (answer <= 0) {
                reset(id, Http2Error.CANCEL, Closing.ANSWER);
            } else {
                next = Math.min(next, Math.min(body, answer));
            }
        }
        return next;
    }

    private int[] ids() {
        int[] ids = new int[exchanges.size()];
        int i = 0;
        for (IntObjectMap.PrimitiveEntry<Exchange> entry : exchanges.entries()) {
            ids[i++] = entry.key();
        }
        return ids;
    }

    /** How long the next byte of the body may still take. */
    private long bodyLeft(Exchange exchange, Http2Stream stream, long nowNanos) {
        long bound = bodyBound();
        if (bound == ConnectionClock.NEVER) {
            return bound;
        }
        long left = exchange.bodyNanos + bound - nowNanos;
        if (left <= 0 && isUnread(stream)) {
            exchange.bodyNanos = nowNanos;
            return bound;
        }
        return left;
    }

    /** Whether received bytes of an unanswered stream wait for the gateway to take them: the delay is then not the client's. */
    private boolean isUnread(Http2Stream stream) {
        return stream.state().localSideOpen()
                && codec.connection().local().flowController().unconsumedBytes(stream) > 0;
    }

    /** How long the client may still take no byte of the answer, or when to look again. */
    private long answerLeft(Exchange exchange, Http2Stream stream, long nowNanos) {
        long bound = clock.bounds().answerNanos();
        if (bound == 0) {
            return ConnectionClock.NEVER;
        }
        Http2RemoteFlowController flow = codec.connection().remote().flowController();
        if (!flow.hasFlowControlled(stream)) {
            exchange.waits = false;
            return clock.bounds().answerCheckNanos();
        }
        // The window of a stream is what the client opened without what was sent (RFC 9113 section 6.9.1).
        long sent = flow.initialWindowSize() + exchange.opened - flow.windowSize(stream);
        if (!exchange.waits || sent != exchange.sent) {
            exchange.waits = true;
            exchange.sent = sent;
            exchange.sentNanos = nowNanos;
        }
        return Math.min(exchange.sentNanos + bound - nowNanos, clock.bounds().answerCheckNanos());
    }

    private void reset(int id, Http2Error error, Closing reason) {
        exchanges.remove(id);
        clock.closings().count(reason);
        codec.resetStream(context, id, error.code(), context.newPromise());
        context.flush();
    }

    private long bodyBound() {
        return ConnectionClock.orNever(clock.bounds().progressNanos());
    }
}
