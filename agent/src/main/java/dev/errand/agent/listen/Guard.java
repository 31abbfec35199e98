package dev.errand.agent.listen;

import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/** The credential that a listener demands of a tool, beside the path. Thread-safe. */
public interface Guard {
    /** Demands nothing: the path, or the socket's file, is secret enough. */
    Guard NONE = request -> null;

    /** The answer to a request without the demanded credential; null for a request with it. */
    @Nullable FullHttpResponse refusal(HttpRequest request);

    /** The target that is sent on, without the credential that it contained. */
    default String target(String target) {
        return target;
    }
}
