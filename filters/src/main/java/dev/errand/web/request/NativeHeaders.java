package dev.errand.web.request;

import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.netty.http.server.HttpServerRequest;

/** The header fields as Netty read them, which are many times faster to go through than Spring's view of them. */
public final class NativeHeaders {
    /** Whose headers are a view of Netty's; Spring shows the class to nobody. */
    private static final String SERVERS_REQUEST = "org.springframework.http.server.reactive.ReactorServerHttpRequest";

    private NativeHeaders() {}

    /** The fields behind the request's headers; null where a filter has put others in their place. */
    public static @Nullable HttpHeaders of(ServerHttpRequest request) {
        ServerHttpRequest served = request;
        while (served instanceof ServerHttpRequestDecorator decorated) {
            served = decorated.getDelegate();
        }
        boolean untouched = served.getHeaders() == request.getHeaders()
                && served.getClass().getName().equals(SERVERS_REQUEST);
        return untouched && ServerHttpRequestDecorator.getNativeRequest(served) instanceof HttpServerRequest server
                ? server.requestHeaders()
                : null;
    }
}
