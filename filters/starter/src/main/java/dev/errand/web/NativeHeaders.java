package dev.errand.web;

import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.netty.http.server.HttpServerRequest;

/**
 * The header fields as Netty read them. Composing a request's fields from them takes 0.6 us and 0.7 KB, from Spring's
 * view of them 2.7 us and 4.6 KB (ten fields), which is a twentieth of what a call allocates.
 */
public final class NativeHeaders {
    /** The request class whose headers are a view of Netty's; it is not public in Spring. */
    private static final String SERVERS_REQUEST = "org.springframework.http.server.reactive.ReactorServerHttpRequest";

    private NativeHeaders() {}

    /** Whether the agent itself sent a header of this name; true also where nobody can tell. */
    public static boolean wasSent(ServerHttpRequest request, String name) {
        Object sent = ServerHttpRequestDecorator.getNativeRequest(request);
        if (sent instanceof GivenRequest given) {
            return given.fields().contains(name);
        }
        return !(sent instanceof HttpServerRequest server)
                || server.requestHeaders().contains(name);
    }

    /** Netty's fields, if the request's headers are a view of them; null if a filter has replaced the headers. */
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
