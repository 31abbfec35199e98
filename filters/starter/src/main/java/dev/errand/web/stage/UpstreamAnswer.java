package dev.errand.web.stage;

import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.netty.Connection;
import reactor.netty.http.server.HttpServerResponse;

/** The upstream's answer before it is passed on. */
final class UpstreamAnswer {
    private UpstreamAnswer() {}

    /**
     * Whether the agent has the head of an answer already: one of the gateway's, or the HTTP server's own answer to a
     * request that broke off malformed.
     */
    public static boolean isBegun(ServerHttpResponse response) {
        if (response.isCommitted()) {
            return true;
        }
        Object server = ServerHttpResponseDecorator.getNativeResponse(response);
        return server instanceof HttpServerResponse netty && netty.hasSentHeaders();
    }

    /** Drops an answer that will not be passed on: closes its connection and removes its headers. */
    public static void discard(ServerWebExchange exchange) {
        Object connection = exchange.getAttributes().remove(ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR);
        if (connection instanceof Connection open) {
            open.dispose();
        }
        if (!exchange.getResponse().isCommitted()) {
            exchange.getResponse().getHeaders().clear();
        }
    }
}
