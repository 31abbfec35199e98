package dev.errand.server;

import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.HttpHandlerDecoratorFactory;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Answers 414 to a request whose request line would be too long. In HTTP/1.1 the server does so itself. HTTP/2 has no request
 * line: there a target could be as long as all headers together.
 *
 * @param maxBytes of method, target and version
 */
record TargetLimit(long maxBytes) implements HttpHandlerDecoratorFactory {
    private static final int AROUND_THE_TARGET = "  HTTP/1.1".length();

    @Override
    public HttpHandler apply(HttpHandler handler) {
        return (request, response) -> {
            if (lineBytes(request) <= maxBytes) {
                return handler.handle(request, response);
            }
            response.setStatusCode(HttpStatus.URI_TOO_LONG);
            return response.setComplete();
        };
    }

    private static int lineBytes(ServerHttpRequest request) {
        HttpServerRequest server = ServerHttpRequestDecorator.getNativeRequest(request);
        return request.getMethod().name().length() + server.uri().length() + AROUND_THE_TARGET;
    }
}
