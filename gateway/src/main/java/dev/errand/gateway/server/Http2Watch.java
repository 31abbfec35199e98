package dev.errand.gateway.server;

import dev.errand.gateway.server.ConnectionClock.Wait;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import org.jspecify.annotations.Nullable;

/**
 * Follows the streams and frames of one HTTP/2 connection (RFC 9113). The deadline of a head holds for a header block that does not
 * end and for a frame that stops in its middle. The deadline of a body holds for each stream's body; a stream that misses it is
 * reset. The idle deadline holds for a connection without streams, and a PING does not prolong it. Used on the event loop of the
 * connection.
 */
final class Http2Watch extends Http2ConnectionAdapter implements ConnectionClock.Protocol {
    /** The size of a frame's head: length, type, flags and stream (RFC 9113 section 4.1). */
    private static final int HEAD_BYTES = 9;

    /** The body of a stream that is not complete. */
    private static final class Body {
        private long sinceNanos = System.nanoTime();
    }

    private final ConnectionClock clock;
    private final IntObjectMap<Body> bodies = new IntObjectHashMap<>();

    private @Nullable ChannelHandlerContext codecContext;
    private @Nullable Http2FrameCodec codec;

    // The head of the frame that is being received, and how many bytes of the frame are left.
    private int headBytes;
    private int length;
    private int stream;
    private int left;
    private short type;
    private short flags;
    /** Whether a header block has begun and its last frame has not come. */
    private boolean inBlock;

    /** Whether a frame or header block has come only in part; {@code partialSinceNanos} says since when. */
    private boolean partial;

    private long partialSinceNanos;

    Http2Watch(ConnectionClock clock) {
        this.clock = clock;
    }

    /** To be called when the codec is in place. The codec may have opened streams already. */
    void attach(ChannelHandlerContext context, Http2FrameCodec frames) {
        codecContext = context;
        codec = frames;
        clock.speaks(this);
        Http2Connection connection = frames.connection();
        connection.addListener(this);
        try {
            connection.forEachActiveStream(open -> {
                onStreamActive(open);
                return true;
            });
        } catch (Http2Exception e) {
            throw new IllegalStateException(e);
        }
        if (connection.numActiveStreams() == 0 && connection.remote().lastStreamCreated() > 0) {
            clock.begin(Wait.IDLE);
        }
    }

    /** Tells the client to open no more streams on this connection; streams that are on their way are still served. */
    void depart() {
        goAway(Integer.MAX_VALUE);
    }

    /** Tells the client which streams are served, and closes a connection that has none. */
    void leave() {
        Http2FrameCodec frames = codec;
        ChannelHandlerContext context = codecContext;
        if (frames == null || context == null) {
            return;
        }
        goAway(0);
        if (frames.connection().numActiveStreams() == 0) {
            context.channel().close();
        }
    }

    private void goAway(int extraStreams) {
        if (codec != null && codecContext != null) {
            Http2GoAwayFrame frame = new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR).setExtraStreamIds(extraStreams);
            codec.write(codecContext, frame, codecContext.newPromise());
            codecContext.flush();
        }
    }

    /** Looks at the frames' heads without consuming the bytes. */
    void scan(ByteBuf bytes, int from) {
        boolean completed = false;
        int at = from;
        int end = bytes.writerIndex();
        while (at < end) {
            if (left > 0) {
                int part = Math.min(left, end - at);
                at += part;
                left -= part;
                if (type == Http2FrameTypes.DATA) {
                    dataCame();
                }
            } else {
                short octet = bytes.getUnsignedByte(at++);
                switch (headBytes) {
                    case 0, 1, 2 -> length = length << 8 | octet;
                    case 3 -> type = octet;
                    case 4 -> {
                        flags = octet;
                        stream = 0;
                    }
                    default -> stream = stream << 8 | octet;
                }
                if (++headBytes < HEAD_BYTES) {
                    continue;
                }
                stream &= Integer.MAX_VALUE;
                left = length;
                length = 0;
                headBytes = 0;
            }
            if (left == 0) {
                completed |= completesItem();
            }
        }
        boolean rest = headBytes > 0 || inBlock || (left > 0 && type != Http2FrameTypes.DATA);
        if (rest && (!partial || completed)) {
            partialSinceNanos = System.nanoTime();
            long bound = clock.bounds().headerNanos();
            clock.fireWithin(bound == 0 ? ConnectionClock.NEVER : bound, partialSinceNanos);
        }
        partial = rest;
    }

    /** A frame is complete. Returns whether no header block is open after it. */
    private boolean completesItem() {
        if (type == Http2FrameTypes.HEADERS
                || type == Http2FrameTypes.CONTINUATION
                || type == Http2FrameTypes.PUSH_PROMISE) {
            inBlock = (flags & Http2Flags.END_HEADERS) == 0;
        }
        return !inBlock;
    }

    private void dataCame() {
        Body body = bodies.get(stream);
        if (body != null) {
            body.sinceNanos = System.nanoTime();
        }
    }

    @Override
    public void onStreamActive(Http2Stream opened) {
        clock.begin(Wait.NOTHING);
        if (opened.state().remoteSideOpen()) {
            Body body = new Body();
            bodies.put(opened.id(), body);
            clock.fireWithin(bodyBound(), body.sinceNanos);
        }
    }

    @Override
    public void onStreamHalfClosed(Http2Stream half) {
        if (!half.state().remoteSideOpen()) {
            bodies.remove(half.id());
        }
    }

    @Override
    public void onStreamClosed(Http2Stream closed) {
        bodies.remove(closed.id());
        if (codec != null && codec.connection().numActiveStreams() == 0) {
            clock.begin(Wait.IDLE);
        }
    }

    private long bodyBound() {
        long nanos = clock.bounds().progressNanos();
        return nanos == 0 ? ConnectionClock.NEVER : nanos;
    }

    @Override
    public boolean isReading() {
        return true;
    }

    @Override
    public long expire(long nowNanos) {
        long next = ConnectionClock.NEVER;
        long headerNanos = clock.bounds().headerNanos();
        if (partial && headerNanos > 0) {
            next = partialSinceNanos + headerNanos - nowNanos;
            if (next <= 0) {
                clock.close(Closing.HEADER);
                return ConnectionClock.NEVER;
            }
        }
        long bound = bodyBound();
        if (bound == ConnectionClock.NEVER) {
            return next;
        }
        for (int id : ids()) {
            Body body = bodies.get(id);
            if (body != null) {
                long wait = body.sinceNanos + bound - nowNanos;
                if (wait <= 0 && isUnread(id)) {
                    body.sinceNanos = nowNanos;
                    wait = bound;
                }
                if (wait <= 0) {
                    reset(id);
                } else {
                    next = Math.min(next, wait);
                }
            }
        }
        return next;
    }

    private int[] ids() {
        int[] ids = new int[bodies.size()];
        int i = 0;
        for (IntObjectMap.PrimitiveEntry<Body> entry : bodies.entries()) {
            ids[i++] = entry.key();
        }
        return ids;
    }

    /** Whether received bytes of an unanswered stream wait for the gateway to take them: the delay is then not the client's. */
    private boolean isUnread(int id) {
        Http2FrameCodec frames = codec;
        Http2Stream open = frames == null ? null : frames.connection().stream(id);
        return frames != null
                && open != null
                && open.state().localSideOpen()
                && frames.connection().local().flowController().unconsumedBytes(open) > 0;
    }

    private void reset(int id) {
        bodies.remove(id);
        clock.closings().count(Closing.PROGRESS);
        if (codec != null && codecContext != null) {
            codec.resetStream(codecContext, id, Http2Error.CANCEL.code(), codecContext.newPromise());
            codecContext.flush();
        }
    }
}
