package dev.errand.it;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The streams of one SPDY connection of an apiserver, each known by its type. Runs on the connection's event loop. */
abstract class KubeletStreams extends SimpleChannelInboundHandler<Object> {
    /** What each stream's first frame said of its type. */
    private final Map<Integer, String> types = new LinkedHashMap<>();

    /** A stream was opened. */
    abstract void opened(ChannelHandlerContext context, int stream, String type);

    /** Bytes came by a stream; the last ones may be none. */
    abstract void received(ChannelHandlerContext context, int stream, String type, ByteBuf bytes, boolean last);

    @Override
    protected final void channelRead0(ChannelHandlerContext context, Object frame) {
        if (frame instanceof SpdySynStreamFrame opening) {
            String type = String.valueOf(opening.headers().get("streamtype"));
            types.put(opening.streamId(), type);
            SpdySynReplyFrame accepted = new DefaultSpdySynReplyFrame(opening.streamId());
            // The apiserver's codec waits for a header block, and ours writes none where there is no header.
            accepted.headers().set("accepted", type);
            context.writeAndFlush(accepted);
            opened(context, opening.streamId(), type);
            if (opening.isLast()) {
                received(context, opening.streamId(), type, Unpooled.EMPTY_BUFFER, true);
            }
        } else if (frame instanceof SpdyDataFrame data) {
            String type = types.getOrDefault(data.streamId(), "");
            received(context, data.streamId(), type, data.content(), data.isLast());
        } else if (frame instanceof SpdyPingFrame ping) {
            context.writeAndFlush(ping);
        }
    }

    /** Writes to the stream of a type, if there is one. */
    final void say(ChannelHandlerContext context, String type, ByteBuf bytes, boolean last) {
        types.entrySet().stream()
                .filter(stream -> stream.getValue().equals(type))
                .findFirst()
                .ifPresentOrElse(stream -> say(context, stream.getKey(), bytes, last), bytes::release);
    }

    static void say(ChannelHandlerContext context, int stream, ByteBuf bytes, boolean last) {
        context.writeAndFlush(new DefaultSpdyDataFrame(stream, bytes).setLast(last));
    }

    static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }
}
