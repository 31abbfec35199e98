package dev.errand.agent.call;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the gateway, for one call at a time. Used on its event loop only. It reads only when asked, so that
 * an answer is never read faster than the tool takes it.
 */
public final class BackConnection extends ChannelInboundHandlerAdapter {
    private final Connections home;
    private final Channel channel;
    private @Nullable AnswerListener listener;
    private long idleSince;

    BackConnection(Connections home, Channel channel) {
        this.home = home;
        this.channel = channel;
    }

    /** Sets the receiver of what arrives from now on. */
    public void listen(AnswerListener told) {
        listener = told;
    }

    /** Whether a write would not let the queue grow too long. */
    public boolean isWritable() {
        return channel.isWritable();
    }

    public void write(Object message) {
        channel.write(message, channel.voidPromise());
    }

    public void flush() {
        channel.flush();
    }

    /** Asks for the next bytes. */
    public void read() {
        channel.read();
    }

    /** Closes the connection. The listener is told nothing more. */
    public void close() {
        listener = null;
        channel.close();
    }

    /** Gives the connection back for the next call. */
    public void release() {
        listener = null;
        if (channel.isActive()) {
            home.kept(this);
        }
    }

    /** Gives up the channel to the caller, for bytes that are not HTTP any more. */
    public Channel handOver() {
        listener = null;
        return channel;
    }

    boolean isOpen() {
        return channel.isActive();
    }

    void idleSince(long nanos) {
        idleSince = nanos;
        // Whatever comes now, mostly the end, makes the connection useless. Only a read shows it.
        channel.read();
    }

    long idleSince() {
        return idleSince;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        AnswerListener told = listener;
        if (told == null) {
            ReferenceCountUtil.release(message);
            channel.close();
            return;
        }
        boolean malformed = message instanceof io.netty.handler.codec.http.HttpObject object
                && object.decoderResult().isFailure();
        if (malformed) {
            ReferenceCountUtil.release(message);
            end();
            channel.close();
            return;
        }
        if (message instanceof HttpResponse head) {
            told.head(head);
        }
        if (message instanceof HttpContent part) {
            AnswerListener still = listener;
            if (still == null) {
                part.release();
            } else {
                still.body(part);
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        AnswerListener told = listener;
        if (told != null) {
            told.pause();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        AnswerListener told = listener;
        if (told != null && channel.isWritable()) {
            told.writable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        home.gone(this);
        end();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }

    private void end() {
        AnswerListener told = listener;
        listener = null;
        if (told != null) {
            told.broken();
        }
    }
}
