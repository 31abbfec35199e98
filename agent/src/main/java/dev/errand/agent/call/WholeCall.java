package dev.errand.agent.call;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;

/** A call of the companion's own, whose body is there from the start. Used on the event loop only. */
public final class WholeCall {
    private final Call call;

    private WholeCall(Call call) {
        this.call = call;
    }

    /**
     * Makes a call.
     *
     * @param target path and query of the gateway
     */
    public static WholeCall begin(
            CallRoom room, Tool tool, HttpMethod method, String target, HttpHeaders headers, byte[] body) {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, target, headers);
        if (body.length > 0) {
            request.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        }
        Call call = new Call(room.ofOwnBody(), tool, request, target);
        call.take(new DefaultLastHttpContent(Unpooled.wrappedBuffer(body)));
        call.begin();
        return new WholeCall(call);
    }

    /** The answer's reader takes more. */
    public void resume() {
        call.resume();
    }

    /** It is not sent again. Whether it waited to be sent, so that nothing of it is under way. */
    public boolean giveUpRepeats() {
        return call.repeats().giveUp();
    }

    /** Nobody waits for it any more. */
    public void cancel() {
        call.cancel();
    }
}
