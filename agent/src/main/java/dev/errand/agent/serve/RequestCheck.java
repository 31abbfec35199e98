package dev.errand.agent.serve;

import dev.errand.agent.call.GatewayAddress;
import dev.errand.agent.listen.OpenTools;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Judges the head of each request before its body is read: by the bearer token, a loopback {@code Host}, no {@code Origin} (a web
 * page's request has one), and the room for its body. A refusal ends the connection. Used on the event loop only.
 */
final class RequestCheck extends ChannelInboundHandlerAdapter {
    static final String PATH = "/mcp";
    private static final String SCHEME = "Bearer ";
    private static final int LINGER_SECONDS = 2;

    private final Sessions sessions;
    private final byte[] token;
    private final OpenTools.Watch silence;
    private boolean refused;
    private long admitted;
    private @Nullable ScheduledFuture<?> deadline;

    RequestCheck(Sessions sessions, byte[] token, OpenTools.Watch silence) {
        this.sessions = sessions;
        this.token = token.clone();
        this.silence = silence;
    }

    private record Refusal(HttpResponseStatus status, String why) {}

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (refused) {
            ReferenceCountUtil.release(message);
            if (message instanceof LastHttpContent) {
                context.close();
            }
            return;
        }
        if (message instanceof HttpRequest request) {
            silence.heard();
            Refusal refusal = judge(request);
            if (refusal != null) {
                refuse(context, refusal);
                ReferenceCountUtil.release(message);
                return;
            }
            deadline = context.executor()
                    .schedule(() -> context.close(), sessions.bounds().body().toMillis(), TimeUnit.MILLISECONDS);
        }
        if (message instanceof LastHttpContent) {
            stop();
        }
        if (message instanceof HttpContent part && part.decoderResult().isFailure()) {
            ReferenceCountUtil.release(message);
            refuse(context, new Refusal(HttpResponseStatus.BAD_REQUEST, "the request is malformed"));
            return;
        }
        context.fireChannelRead(message);
    }

    private @Nullable Refusal judge(HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            return new Refusal(HttpResponseStatus.BAD_REQUEST, "the request is malformed");
        }
        if (!isShown(request.headers().getAll(HttpHeaderNames.AUTHORIZATION))) {
            return new Refusal(HttpResponseStatus.UNAUTHORIZED, "this server wants its bearer token");
        }
        List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
        if (hosts.size() != 1 || !isLoopback(hosts.get(0)) || request.headers().contains(HttpHeaderNames.ORIGIN)) {
            return new Refusal(HttpResponseStatus.FORBIDDEN, "this server takes a loopback Host and no Origin");
        }
        if (!request.uri().equals(PATH)) {
            return new Refusal(HttpResponseStatus.NOT_FOUND, "the endpoint is " + PATH);
        }
        HttpMethod method = request.method();
        if (!method.equals(HttpMethod.POST) && !method.equals(HttpMethod.GET) && !method.equals(HttpMethod.DELETE)) {
            return new Refusal(HttpResponseStatus.METHOD_NOT_ALLOWED, "the endpoint takes POST, GET and DELETE");
        }
        String type = request.headers().get(HttpHeaderNames.CONTENT_TYPE, "").toLowerCase(Locale.ROOT);
        if (method.equals(HttpMethod.POST) && !type.split(";")[0].strip().equals("application/json")) {
            return new Refusal(HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE, "a message is application/json");
        }
        return room(request);
    }

    private @Nullable Refusal room(HttpRequest request) {
        boolean chunked = HttpUtil.isTransferEncodingChunked(request);
        long length = chunked ? Bounds.MESSAGE : HttpUtil.getContentLength(request, 0L);
        if (length > Bounds.MESSAGE) {
            return new Refusal(
                    HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE, "a message has at most " + Bounds.MESSAGE + " bytes");
        }
        if (!sessions.admits(length)) {
            return new Refusal(HttpResponseStatus.SERVICE_UNAVAILABLE, "too many messages are being read");
        }
        admitted = length;
        return null;
    }

    /** Compares in constant time, so that the time tells nothing about the token. */
    private boolean isShown(List<String> authorization) {
        String shown = authorization.size() == 1 ? authorization.get(0) : "";
        boolean bearer = shown.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
        byte[] given = bearer ? shown.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8) : new byte[0];
        return MessageDigest.isEqual(given, token);
    }

    private static boolean isLoopback(String host) {
        return GatewayAddress.isLoopback(host.replaceFirst(":[0-9]{1,5}$", ""));
    }

    private void stop() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
        sessions.leave(admitted);
        admitted = 0;
    }

    private void refuse(ChannelHandlerContext context, Refusal refusal) {
        stop();
        refused = true;
        byte[] line = (refusal.why() + '\n').getBytes(StandardCharsets.UTF_8);
        FullHttpResponse answer =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, refusal.status(), Unpooled.wrappedBuffer(line));
        answer.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .set(HttpHeaderNames.CONTENT_LENGTH, line.length)
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        if (refusal.status().equals(HttpResponseStatus.UNAUTHORIZED)) {
            answer.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
        }
        // What is left of the request is read first, for a moment: closing a connection with unread bytes could destroy
        // the answer.
        context.writeAndFlush(answer);
        context.executor().schedule(() -> context.close(), LINGER_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        stop();
        context.fireChannelInactive();
    }
}
