package dev.errand.web;

import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.ServerWebExchangeDecorator;
import org.springframework.web.server.WebHandler;

/**
 * A preflight without the header by which Spring recognizes it, so that it is dispatched like any other request. One for each
 * call.
 */
final class PreflightExchange extends ServerWebExchangeDecorator {
    private final ServerHttpRequest request;

    PreflightExchange(ServerWebExchange exchange) {
        super(exchange);
        HttpHeaders headers = new HttpHeaders();
        headers.putAll(exchange.getRequest().getHeaders());
        headers.remove(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD);
        this.request = new ServerHttpRequestDecorator(exchange.getRequest()) {
            @Override
            public HttpHeaders getHeaders() {
                return headers;
            }
        };
    }

    @Override
    public ServerHttpRequest getRequest() {
        return request;
    }

    /** Wraps a route's handler so that it gets the original exchange, with the header. */
    Object unveiled(Object handler) {
        ServerWebExchange whole = getDelegate();
        return handler instanceof WebHandler web ? (WebHandler) veiled -> web.handle(whole) : handler;
    }
}
