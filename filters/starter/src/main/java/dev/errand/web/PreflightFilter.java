package dev.errand.web;

import org.springframework.core.Ordered;
import org.springframework.web.cors.reactive.CorsUtils;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Lets a browser's preflight be a call like any other: its route names the operation, refuses or permits it, and
 * records it. Spring's dispatcher would answer it 200 or 403 without asking the route's handler. Thread-safe.
 */
final class PreflightFilter implements WebFilter, Ordered {
    @Override
    public int getOrder() {
        return FilterOrder.PREFLIGHT;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        return chain.filter(
                CorsUtils.isPreFlightRequest(exchange.getRequest()) ? new PreflightExchange(exchange) : exchange);
    }

    /** Spring asks for it at each request. */
    @Override
    public String toString() {
        return "PreflightFilter";
    }
}
