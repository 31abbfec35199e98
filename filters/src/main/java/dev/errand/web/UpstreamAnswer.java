package dev.errand.web;

import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.web.server.ServerWebExchange;
import reactor.netty.Connection;

/** The upstream's answer before it is passed on. */
final class UpstreamAnswer {
    private UpstreamAnswer() {}

    /** Drops an answer that will not be passed on: its connection is closed, its headers are taken back. */
    static void discard(ServerWebExchange exchange) {
        Object connection = exchange.getAttributes().remove(ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR);
        if (connection instanceof Connection open) {
            open.dispose();
        }
        if (!exchange.getResponse().isCommitted()) {
            exchange.getResponse().getHeaders().clear();
        }
    }
}
