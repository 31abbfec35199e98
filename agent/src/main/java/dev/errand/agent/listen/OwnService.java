package dev.errand.agent.listen;

import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;

/** A service that the companion offers at one path. Used on the event loop only. */
public interface OwnService {
    boolean isAt(String target);

    /** The answer to a whole request. */
    FullHttpResponse answer(HttpRequest request, byte[] body);
}
