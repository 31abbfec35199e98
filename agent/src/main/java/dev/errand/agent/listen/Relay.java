package dev.errand.agent.listen;

import dev.errand.agent.call.BackConnection;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.ReferenceCountUtil;

/** Passes the bytes of one connection to another after an upgrade, no faster than the other one takes them. */
final class Relay extends ChannelInboundHandlerAdapter {
    private final Channel other;

    private Relay(Channel other) {
        this.other = other;
    }

    /**
     * Joins a tool's connection and one to the gateway. Bytes that their decoders have read and not used are passed
     * first.
     */
    static void join(Channel tool, Channel back) {
        tool.pipeline().addLast(new Relay(back));
        back.pipeline().addLast(new Relay(tool));
        remove(tool.pipeline(), ToolConnection.class);
        remove(back.pipeline(), BackConnection.class);
        // A decoder that is removed passes on the bytes that it holds. No encoder of the other side may see those
        // bytes.
        remove(tool.pipeline(), ToolEncoder.class);
        remove(back.pipeline(), HttpClientCodec.class);
        remove(tool.pipeline(), HttpRequestDecoder.class);
        tool.flush();
        back.flush();
        tool.read();
        back.read();
    }

    private static void remove(ChannelPipeline pipeline, Class<? extends io.netty.channel.ChannelHandler> handler) {
        if (pipeline.get(handler) != null) {
            pipeline.remove(handler);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf bytes && other.isActive()) {
            other.write(bytes);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        other.flush();
        if (other.isWritable()) {
            context.read();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            other.read();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        other.writeAndFlush(io.netty.buffer.Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
