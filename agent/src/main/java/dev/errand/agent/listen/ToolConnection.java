package dev.errand.agent.listen;

import dev.errand.agent.call.Call;
import dev.errand.agent.call.CallResources;
import dev.errand.agent.call.OwnAnswer;
import dev.errand.agent.call.Served;
import dev.errand.agent.call.Tool;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a tool, which makes one call after the other. It reads no faster than the gateway takes, and
 * notices when the tool leaves while a call waits. Used on the event loop only.
 */
final class ToolConnection extends ChannelInboundHandlerAdapter implements Tool {
    private static final int LINGER_SECONDS = 2;

    private final CallResources resources;
    private final ListenerSettings door;
    private final ToolEncoder encoder;
    private final OpenTools.Watch silence;
    private final ArrayDeque<HttpObject> queue = new ArrayDeque<>();
    private @Nullable ChannelHandlerContext context;
    private @Nullable Served call;
    private boolean keepAlive = true;
    private boolean old;
    private boolean pumping;
    private boolean bodyPending;

    ToolConnection(CallResources resources, ListenerSettings door, ToolEncoder encoder, OpenTools.Watch silence) {
        this.resources = resources;
        this.silence = silence;
        this.door = door;
        this.encoder = encoder;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    private ChannelHandlerContext context() {
        return Objects.requireNonNull(context);
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        active.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext from, Object message) {
        if (message instanceof HttpObject object) {
            queue.add(object);
            pump();
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext from) {
        if (call != null) {
            call.flush();
        }
        readMore();
    }

    /** Reads more if nothing waits to be handled. Only a read shows the end of the connection, too. */
    private void readMore() {
        if (queue.isEmpty() && (keepAlive || call != null || bodyPending)) {
            context().read();
        }
    }

    @Override
    public void pump() {
        if (pumping) {
            return;
        }
        pumping = true;
        try {
            boolean took = false;
            while (handsOn(queue.peek())) {
                took = true;
            }
            if (took) {
                if (call != null) {
                    call.flush();
                }
                readMore();
            }
        } finally {
            pumping = false;
        }
    }

    /** Handles the first object that waits. Returns whether it could. */
    private boolean handsOn(@Nullable HttpObject first) {
        Served current = call;
        if (first == null || !keepAlive && current == null && !bodyPending) {
            return false;
        }
        if (first.decoderResult().isFailure()) {
            queue.remove();
            ReferenceCountUtil.release(first);
            if (current == null) {
                keepAlive = false;
                ownAnswer(OwnAnswer.malformed());
            } else {
                abort();
            }
            return true;
        }
        if (first instanceof HttpRequest request) {
            if (current != null) {
                return false;
            }
            queue.remove();
            begin(request);
            return true;
        }
        if (first instanceof HttpContent part) {
            if (current != null && !current.takesBody()) {
                return false;
            }
            queue.remove();
            bodyPending &= !(part instanceof LastHttpContent);
            if (current == null) {
                // The rest of a request that has its answer already.
                part.release();
                if (!keepAlive && !bodyPending) {
                    context().close();
                }
            } else {
                current.take(part);
            }
        }
        return true;
    }

    private void begin(HttpRequest request) {
        silence.heard();
        encoder.answersHead(HttpMethod.HEAD.equals(request.method()));
        bodyPending = true;
        old = request.protocolVersion().compareTo(HttpVersion.HTTP_1_1) < 0;
        keepAlive = HttpUtil.isKeepAlive(request);
        if (door.service() != null && door.service().isAt(request.uri())) {
            call = new OwnCall(this, request, door.service());
            return;
        }
        String target = door.mount().gatewayTarget(request.uri());
        FullHttpResponse refusal =
                target == null ? OwnAnswer.notFound() : door.guard().refusal(request);
        if (target == null || refusal != null) {
            // A client that does not know the secret keeps no connection.
            keepAlive = false;
            ownAnswer(refusal == null ? OwnAnswer.notFound() : refusal);
            return;
        }
        Call begun = new Call(resources, this, request, door.guard().target(target));
        call = begun;
        begun.begin();
    }

    @Override
    public void goOn() {
        context().writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
    }

    @Override
    public void inform(HttpResponse head) {
        context().writeAndFlush(AnswerHeaders.informed(head, door.mount(), resources));
    }

    @Override
    public void answer(HttpResponse head, boolean retryAfter, boolean unasked) {
        HttpResponse mapped = AnswerHeaders.mapped(
                head,
                door.mount(),
                resources.gateway().address(),
                resources.task().issuer(),
                retryAfter);
        keepAlive &= !unasked;
        keepAlive &= AnswerHeaders.frame(mapped, old, keepAlive);
        context().write(mapped);
    }

    @Override
    public void answerPart(HttpContent part) {
        context().write(part);
    }

    @Override
    public void flush() {
        context().flush();
    }

    @Override
    public boolean isWritable() {
        return context().channel().isWritable();
    }

    @Override
    public void ownAnswer(FullHttpResponse answer) {
        keepAlive &= !answer.headers().contains(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true);
        if (!keepAlive) {
            answer.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        context().writeAndFlush(answer);
        if (!keepAlive) {
            close();
        }
    }

    @Override
    public void callEnded() {
        call = null;
        if (keepAlive) {
            flush();
            silence.awaited(context());
            pump();
            readMore();
        } else {
            close();
        }
    }

    /**
     * Ends the connection after the answer. What is left of the request is read first, for a moment: closing a
     * connection with unread bytes could destroy the answer.
     */
    private void close() {
        context().writeAndFlush(Unpooled.EMPTY_BUFFER);
        if (bodyPending) {
            silence.dismissed();
            context().executor().schedule(() -> context().close(), LINGER_SECONDS, TimeUnit.SECONDS);
            pump();
            readMore();
        } else {
            context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void abort() {
        context().close();
    }

    @Override
    public void upgrade(HttpResponse head, Channel back) {
        call = null;
        ChannelHandlerContext here = context();
        here.writeAndFlush(new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, head.status(), Unpooled.EMPTY_BUFFER, head.headers(), EmptyHttpHeaders.INSTANCE));
        Relay.join(here.channel(), back);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext from) {
        if (call != null && isWritable()) {
            call.resume();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext from) {
        Served left = call;
        call = null;
        if (left != null) {
            left.cancel();
        }
        queue.forEach(ReferenceCountUtil::release);
        queue.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
        from.close();
    }
}
