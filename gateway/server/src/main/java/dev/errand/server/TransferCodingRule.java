package dev.errand.server;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import java.util.Iterator;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.HttpHandlerDecoratorFactory;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Answers 400 to a request whose {@code Transfer-Encoding} is anything but {@code chunked}, and closes its connection: the
 * server decodes no other coding, so a proxy in front could see another body (RFC 9112 section 6.1). Thread-safe.
 */
final class TransferCodingRule implements HttpHandlerDecoratorFactory {
    @Override
    public HttpHandler apply(HttpHandler handler) {
        return (request, response) -> {
            HttpServerRequest server = ServerHttpRequestDecorator.getNativeRequest(request);
            if (isKnown(server)) {
                return handler.handle(request, response);
            }
            response.setStatusCode(HttpStatus.BAD_REQUEST);
            response.getHeaders().set(HttpHeaders.CONNECTION, "close");
            return response.setComplete();
        };
    }

    private static boolean isKnown(HttpServerRequest request) {
        Iterator<String> codings = request.requestHeaders().valueStringIterator(HttpHeaderNames.TRANSFER_ENCODING);
        return !codings.hasNext()
                || (HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.next()) && !codings.hasNext());
    }
}
