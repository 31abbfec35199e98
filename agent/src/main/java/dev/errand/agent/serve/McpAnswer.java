package dev.errand.agent.serve;

import dev.errand.agent.mcp.McpMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The answer to one HTTP request: one JSON-RPC message, or a stream of events if other messages come before it (MCP, streamable
 * HTTP). Used on the event loop only.
 */
final class McpAnswer {
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ALIVE = ": alive\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final String SESSION = "Mcp-Session-Id";

    private final ChannelHandlerContext context;
    private final boolean takesEvents;
    private final Runnable finished;
    private @Nullable String session;
    private boolean begun;
    private boolean over;

    /**
     * @param takesEvents whether the client takes a stream of events
     * @param finished runs when the answer is whole
     */
    McpAnswer(ChannelHandlerContext context, boolean takesEvents, Runnable finished) {
        this.context = context;
        this.takesEvents = takesEvents;
        this.finished = finished;
    }

    /** The session that the answer's head names. */
    void names(String id) {
        session = id;
    }

    /** Whether a message beside the answer can go with it. */
    boolean takesEvents() {
        return takesEvents && isOpen();
    }

    boolean isOpen() {
        return !over && context.channel().isActive();
    }

    /** Begins the answer as a stream, or shows that the stream lives. Nothing if the client takes no stream. */
    void stream() {
        if (!takesEvents()) {
            return;
        }
        if (!begun) {
            begun = true;
            HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
            head.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream")
                    .set(HttpHeaderNames.CACHE_CONTROL, "no-cache");
            HttpUtil.setTransferEncodingChunked(head, true);
            context.writeAndFlush(named(head));
        } else {
            context.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(ALIVE)));
        }
    }

    /** Sends a message beside the answer. */
    CompletableFuture<Void> event(byte[] json) {
        if (!begun) {
            stream();
        }
        return done(context.writeAndFlush(new DefaultHttpContent(bytes(json))));
    }

    /** Sends the message that answers the request. */
    CompletableFuture<Void> finish(byte[] json) {
        if (!isOpen()) {
            over = true;
            return CompletableFuture.completedFuture(null);
        }
        if (!begun) {
            return finish(HttpResponseStatus.OK, json);
        }
        CompletableFuture<Void> sent = done(context.write(new DefaultHttpContent(bytes(json))));
        end();
        return sent;
    }

    /** Closes the connection. */
    void cut() {
        context.close();
    }

    /** Ends a stream without a further message, or answers 202. */
    void end() {
        if (over) {
            return;
        }
        if (begun) {
            over = true;
            context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
            finished.run();
        } else {
            finish(HttpResponseStatus.ACCEPTED, new byte[0]);
        }
    }

    /**
     * Answers with an error.
     *
     * @param status for the client of HTTP, unless a stream has begun
     * @param id the id of the request that is answered, as JSON; null if there is none
     */
    void fail(HttpResponseStatus status, @Nullable String id, String why) {
        if (!isOpen()) {
            over = true;
            return;
        }
        byte[] error = McpMessage.error(id == null ? "null" : id, why);
        if (begun) {
            finish(error);
        } else {
            finish(status, error);
        }
    }

    private CompletableFuture<Void> finish(HttpResponseStatus status, byte[] json) {
        over = true;
        FullHttpResponse whole =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(json));
        if (json.length > 0) {
            whole.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
        }
        if (status.equals(HttpResponseStatus.SERVICE_UNAVAILABLE)
                || status.equals(HttpResponseStatus.TOO_MANY_REQUESTS)) {
            whole.headers().set(HttpHeaderNames.RETRY_AFTER, 1);
        }
        HttpUtil.setContentLength(whole, json.length);
        CompletableFuture<Void> sent = done(context.writeAndFlush(named(whole)));
        finished.run();
        return sent;
    }

    private <R extends HttpResponse> R named(R head) {
        if (session != null) {
            head.headers().set(SESSION, session);
        }
        return head;
    }

    /** An event. Line ends in the JSON are white space, since line ends within strings are escaped. */
    private ByteBuf bytes(byte[] json) {
        ByteBuf event = context.alloc().buffer(DATA.length + json.length + END.length);
        event.writeBytes(DATA);
        for (byte b : json) {
            event.writeByte(b == '\r' || b == '\n' ? ' ' : b);
        }
        return event.writeBytes(END);
    }

    private static CompletableFuture<Void> done(ChannelFuture written) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        // Whether it was sent or the connection broke: the next message can be read.
        written.addListener(any -> done.complete(null));
        return done;
    }
}
