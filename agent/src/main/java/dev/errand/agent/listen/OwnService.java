package dev.errand.agent.listen;

import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;

/** What the companion serves by itself at one path. Used on the event loop only. */
public interface OwnService {
    /** Whether it is what this target asks for. */
    boolean isAt(String target);

    /** The answer to a whole request. */
    FullHttpResponse answer(HttpRequest request, byte[] body);
}
