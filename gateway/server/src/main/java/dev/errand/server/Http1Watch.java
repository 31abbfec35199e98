package dev.errand.server;

import dev.errand.server.ConnectionClock.Wait;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ByteProcessor;
import reactor.netty.NettyPipeline;

/**
 * Follows the requests and answers of one HTTP/1.1 connection, to know what the client has to send next. An upgraded
 * connection is not followed any more. Used on the event loop of the connection.
 */
final class Http1Watch extends ChannelDuplexHandler implements ConnectionClock.Protocol {
    private final ConnectionClock clock;
    private final Channel channel;

    /** Requests whose answer is not complete. */
    private int unanswered;
    /** Whether more of the last request's body is to come. */
    private boolean inBody;
    /** Whether a message was decoded from the bytes that are being read. */
    private boolean decoded;
    /** Whether the message that is being written is an interim answer. */
    private boolean interim;

    private boolean upgraded;
    /** {@code unanswered > 0} for other threads. Set only if the newest connections come first, since only then others ask. */
    private volatile boolean hasRequest;

    private Http1Watch(ConnectionClock clock, Channel channel) {
        this.clock = clock;
        this.channel = channel;
    }

    /** Follows a connection, unless it agreed on HTTP/2 and speaks something else: its first head then never ends. */
    static Http1Watch on(ChannelPipeline pipeline, ConnectionClock clock) {
        Http1Watch watch = new Http1Watch(clock, pipeline.channel());
        if (pipeline.context(NettyPipeline.HttpTrafficHandler) != null) {
            pipeline.addBefore(NettyPipeline.HttpTrafficHandler, null, watch);
        }
        clock.speaks(watch);
        return watch;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        decoded = true;
        if (message instanceof HttpRequest) {
            unanswered++;
            tellOthers();
            inBody = true;
            clock.begin(Wait.NOTHING);
        }
        if (message instanceof LastHttpContent && inBody) {
            inBody = false;
            clock.begin(unanswered > 0 || upgraded ? Wait.NOTHING : Wait.IDLE);
        }
        ctx.fireChannelRead(message);
    }

    /** Makes the next answer the connection's last one. */
    void depart() {
        ChannelPipeline pipeline = channel.pipeline();
        if (!upgraded
                && pipeline.get(LastAnswer.class) == null
                && pipeline.context(NettyPipeline.HttpTrafficHandler) != null) {
            pipeline.addAfter(NettyPipeline.HttpTrafficHandler, null, new LastAnswer());
        }
    }

    /** Closes the connection if no request is under way on it, nor a part of one. */
    void leave() {
        if (!upgraded && unanswered == 0 && clock.waits() == Wait.IDLE) {
            channel.close();
        }
    }

    private void tellOthers() {
        if (clock.bounds().newestFirst()) {
            hasRequest = unanswered > 0;
        }
    }

    /** Whether a request has come whose answer is not complete. Thread-safe; only where the newest connections come first. */
    boolean hasRequest() {
        return hasRequest;
    }

    /** Whether these bytes may begin a request: line ends before a request line do not (RFC 9112 section 2.2). */
    boolean mayBegin(ByteBuf bytes) {
        if (clock.waits() != Wait.IDLE) {
            return true;
        }
        return bytes.forEachByte(ByteProcessor.FIND_NON_CRLF) >= 0;
    }

    /**
     * Bytes came, and the messages that they completed were passed on.
     *
     * @param mayBegin the result of {@link #mayBegin} for these bytes, from before they were passed on
     */
    void bytesCame(boolean mayBegin) {
        if (upgraded) {
            return;
        }
        if (inBody) {
            clock.begin(Wait.BODY);
        } else if (mayBegin && !decoded && unanswered == 0 && clock.waits() == Wait.IDLE) {
            clock.begin(Wait.HEADER);
        }
        decoded = false;
    }

    /** The gateway reads. A body's wait counts from now, since the client could send nothing while the gateway did not read. */
    @Override
    public void read(ChannelHandlerContext ctx) {
        if (inBody) {
            clock.touch();
        }
        ctx.read();
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof HttpResponse answer) {
            upgraded |= answer.status().code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code();
            interim = answer.status().codeClass() == HttpStatusClass.INFORMATIONAL;
        }
        if (upgraded) {
            clock.begin(Wait.NOTHING);
        } else if (message instanceof LastHttpContent) {
            if (!interim) {
                answered();
            }
            interim = false;
        }
        ctx.write(message, promise);
    }

    private void answered() {
        unanswered = Math.max(0, unanswered - 1);
        tellOthers();
        if (inBody) {
            clock.begin(Wait.BODY);
        } else if (unanswered == 0) {
            clock.begin(Wait.IDLE);
        }
    }

    /** The rest of an answered request's body is always read, and thrown away. */
    @Override
    public boolean isReading() {
        return unanswered == 0 || channel.config().isAutoRead();
    }

    @Override
    public long expire(long nowNanos) {
        return ConnectionClock.NEVER;
    }
}
