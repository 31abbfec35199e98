package dev.errand.agent.listen;

import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/** What a listener demands of a tool beside the path. Thread-safe. */
public interface Guard {
    /** Demands nothing: the path, or the socket's file, is secret enough. */
    Guard NONE = request -> null;

    /** The answer to a request that does not show what is demanded; null for one that does. */
    @Nullable FullHttpResponse refusal(HttpRequest request);

    /** The target that goes on: without what was shown in it. */
    default String target(String target) {
        return target;
    }
}
