package dev.errand.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import org.jspecify.annotations.Nullable;

/**
 * Follows the frames of one HTTP/2 connection (RFC 9113); {@link Http2Streams} follows its streams. The deadline of a head holds
 * for a header block that does not end and for a frame that stops in its middle. The idle deadline holds for a connection
 * without streams. Neither a PING nor a head that is no request prolongs it. Used on the event loop of the connection.
 */
final class Http2Watch implements ConnectionClock.Protocol {
    /** The size of a frame's head: length, type, flags and stream (RFC 9113 section 4.1). */
    private static final int HEAD_BYTES = 9;

    private final ConnectionClock clock;

    private @Nullable ChannelHandlerContext codecContext;
    private @Nullable Http2FrameCodec codec;
    private @Nullable Http2Streams streams;

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

    /** To be called when the codec is in place, and before it has read a frame. */
    void attach(ChannelHandlerContext context, Http2FrameCodec frames) {
        codecContext = context;
        codec = frames;
        streams = Http2Streams.on(clock, context, frames);
        clock.speaks(this);
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
                if (type == Http2FrameTypes.DATA && streams != null) {
                    streams.dataCame(stream);
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
        return streams == null ? next : Math.min(next, streams.expire(nowNanos));
    }
}
