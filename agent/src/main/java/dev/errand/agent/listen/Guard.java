package dev.errand.agent.listen;

import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/** The credential that a listener demands of a tool, beside the path. Thread-safe. */
public interface Guard {
    /** Demands nothing: the secret path, or the mode of the socket's file, is enough. */
    Guard NONE = request -> null;

    /** The answer to a request without the demanded credential; null if the request has it. */
    @Nullable FullHttpResponse refusal(HttpRequest request);

    /** The target that the gateway gets: without the credential that the tool's target contained. */
    default String target(String target) {
        return target;
    }
}
