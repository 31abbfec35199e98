package dev.errand.agent.listen;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;

/** Writes answers to a tool; the answer to a HEAD has no body, whatever its head says. */
final class ToolEncoder extends HttpResponseEncoder {
    private boolean head;

    /** Says whether the request that is answered next is a HEAD. */
    void answersHead(boolean isHead) {
        head = isHead;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpResponse response) {
        return head || super.isContentAlwaysEmpty(response);
    }
}
