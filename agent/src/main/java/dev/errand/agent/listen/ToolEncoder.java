package dev.errand.agent.listen;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;

/** Writes answers to a tool. The answer to a HEAD has no body, even if its head states a length. */
final class ToolEncoder extends HttpResponseEncoder {
    private boolean head;

    /** Tells the encoder whether the next answer is to a HEAD. */
    void answersHead(boolean isHead) {
        head = isHead;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpResponse response) {
        return head || super.isContentAlwaysEmpty(response);
    }
}
