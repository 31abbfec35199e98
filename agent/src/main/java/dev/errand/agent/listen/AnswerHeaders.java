package dev.errand.agent.listen;

import dev.errand.agent.call.CallResources;
import dev.errand.agent.call.GatewayAddress;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The head of an answer as the tool gets it. Addresses lead back to the listener. Fields of the connection are removed.
 * {@code Retry-After} is removed if the tool is not to wait. Challenges are removed, and 401 becomes 403: a tool that gets
 * a challenge asks its user for a password, or sends one that it has. All other fields are unchanged.
 */
final class AnswerHeaders {
    private static final Pattern LINK_TARGET = Pattern.compile("<([^>]*)>");
    private static final List<String> ADDRESSES = List.of("Location", "Content-Location");
    private static final int NO_CONTENT = 204;
    private static final int NOT_MODIFIED = 304;
    private static final int UNAUTHORIZED = 401;

    private AnswerHeaders() {}

    /** @param withRetryAfter false if the tool is not to wait, so that {@code Retry-After} is removed */
    static HttpResponse mapped(
            HttpResponse answer, Mount mount, GatewayAddress gateway, String issuer, boolean withRetryAfter) {
        HttpHeaders headers = answer.headers();
        for (String name : ADDRESSES) {
            if (headers.contains(name)) {
                headers.set(
                        name,
                        headers.getAll(name).stream()
                                .map(value -> mount.mapped(value, gateway, issuer))
                                .toList());
            }
        }
        if (headers.contains("Link")) {
            headers.set(
                    "Link",
                    headers.getAll("Link").stream()
                            .map(value -> link(value, mount, gateway, issuer))
                            .toList());
        }
        headers.remove(HttpHeaderNames.CONNECTION).remove("Keep-Alive").remove("Proxy-Connection");
        if (!withRetryAfter) {
            headers.remove(HttpHeaderNames.RETRY_AFTER);
        }
        headers.remove(HttpHeaderNames.WWW_AUTHENTICATE).remove(HttpHeaderNames.PROXY_AUTHENTICATE);
        HttpResponseStatus status =
                answer.status().code() == UNAUTHORIZED ? HttpResponseStatus.FORBIDDEN : answer.status();
        return new DefaultHttpResponse(HttpVersion.HTTP_1_1, status, headers);
    }

    /** An interim answer (a status below 200), which has no body and may hold links (RFC 8297). */
    static FullHttpResponse informed(HttpResponse answer, Mount mount, CallResources resources) {
        HttpResponse head = mapped(
                answer, mount, resources.gateway().address(), resources.task().issuer(), true);
        return new DefaultFullHttpResponse(
                head.protocolVersion(),
                head.status(),
                Unpooled.EMPTY_BUFFER,
                head.headers(),
                EmptyHttpHeaders.INSTANCE);
    }

    /**
     * Marks the end of the body in a way that the tool understands.
     *
     * @param old whether the tool speaks HTTP/1.0
     * @param keepAlive whether the tool wants to keep the connection
     * @return whether the connection can be kept
     */
    static boolean frame(HttpResponse answer, boolean old, boolean keepAlive) {
        boolean length = HttpUtil.isContentLengthSet(answer);
        int status = answer.status().code();
        boolean hasBody = status != NO_CONTENT && status != NOT_MODIFIED;
        if (old) {
            HttpUtil.setTransferEncodingChunked(answer, false);
        } else if (!length && hasBody) {
            HttpUtil.setTransferEncodingChunked(answer, true);
        }
        boolean kept = keepAlive && (length || !old);
        if (!kept) {
            answer.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else if (old) {
            answer.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
        return kept;
    }

    private static String link(String value, Mount mount, GatewayAddress gateway, String issuer) {
        return LINK_TARGET
                .matcher(value)
                .replaceAll(
                        match -> Matcher.quoteReplacement("<" + mount.mapped(match.group(1), gateway, issuer) + ">"));
    }
}
