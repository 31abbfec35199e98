package dev.errand.agent.call;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;

/** An answer that the companion gives by itself: one line of text. */
public final class OwnAnswer {
    private OwnAnswer() {}

    /** 404, for a path that does not begin with the listener's secret. */
    public static FullHttpResponse notFound() {
        return text(HttpResponseStatus.NOT_FOUND, "not found");
    }

    /** 400, for a request that cannot be read. */
    public static FullHttpResponse malformed() {
        return text(HttpResponseStatus.BAD_REQUEST, "errand agent: the request is malformed");
    }

    /** @param sent whether a byte of the request may have reached the gateway, and so the upstream */
    static FullHttpResponse noAnswer(boolean sent) {
        FullHttpResponse answer = text(
                HttpResponseStatus.BAD_GATEWAY,
                sent
                        ? "errand agent: the gateway's answer was lost: the call may have been executed"
                        : "errand agent: the gateway cannot be reached: the call was not sent");
        answer.headers().set("Errand-Sent", sent ? "maybe" : "no").set("Errand-Next", sent ? "check" : "retry");
        return answer;
    }

    /** An answer whose body is one line of text. */
    public static FullHttpResponse text(HttpResponseStatus status, String line) {
        byte[] body = (line + '\n').getBytes(StandardCharsets.UTF_8);
        FullHttpResponse answer =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
        answer.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        return answer;
    }
}
