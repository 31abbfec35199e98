package dev.errand.gateway;

import org.springframework.core.Ordered;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Answers 414 to a request whose line would be too long. In HTTP/1.1 the server does so itself; in HTTP/2, where no line is,
 * a target may be as long as all headers together.
 */
final class TargetLimit implements WebFilter, Ordered {
    private static final int AROUND_THE_TARGET = "  HTTP/1.1".length();

    private final long maxBytes;

    /** @param maxBytes of method, target and version */
    TargetLimit(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        ServerHttpRequest request = exchange.getRequest();
        HttpServerRequest server = ServerHttpRequestDecorator.getNativeRequest(request);
        int target = server.uri().length();
        if (request.getMethod().name().length() + target + AROUND_THE_TARGET <= maxBytes) {
            return chain.filter(exchange);
        }
        exchange.getResponse().setStatusCode(HttpStatus.URI_TOO_LONG);
        return exchange.getResponse().setComplete();
    }
}
