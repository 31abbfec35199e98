package dev.errand.agent.call;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;

/**
 * A call that the companion makes for itself. Its whole body is known at the beginning. Used on the event loop only.
 */
public final class WholeCall {
    private final Call call;

    private WholeCall(Call call) {
        this.call = call;
    }

    /**
     * Begins a call.
     *
     * @param target path and query, below the gateway's base
     */
    public static WholeCall begin(
            CallResources resources, Tool tool, HttpMethod method, String target, HttpHeaders headers, byte[] body) {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, target, headers);
        if (body.length > 0) {
            request.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        }
        Call call = new Call(resources.ofOwnBody(), tool, request, target);
        call.take(new DefaultLastHttpContent(Unpooled.wrappedBuffer(body)));
        call.begin();
        return new WholeCall(call);
    }

    /** The reader of the answer can take more. */
    public void resume() {
        call.resume();
    }

    /** Repeats the call no more. Returns whether a repeat was scheduled: then nothing of the call is under way. */
    public boolean giveUpRepeats() {
        return call.repeats().giveUp();
    }

    /** Ends the call, since nobody waits for its answer any more. */
    public void cancel() {
        call.cancel();
    }
}
