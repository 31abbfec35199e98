package dev.errand.web.send;

import dev.errand.web.UpstreamTimeouts;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.util.StringUtils;
import org.springframework.web.server.ServerWebExchange;

/**
 * The head of the request that the upstream gets, and the head of its answer as the agent gets it, whoever carries the bytes.
 * Thread-safe.
 */
public final class UpstreamHeads {
    private final HeadersFilters filters;
    private final UpstreamTimeouts timeouts;

    UpstreamHeads(HeadersFilters filters, UpstreamTimeouts timeouts) {
        this.filters = filters;
        this.timeouts = timeouts;
    }

    /** The fields of the request that the upstream gets. */
    public DefaultHttpHeaders request(ServerWebExchange exchange) {
        return OutgoingHeaders.of(filters.request(exchange), exchange);
    }

    /** The subprotocols of a WebSocket's handshake that the upstream gets; null for none. */
    public static @Nullable String protocols(HttpHeaders client) {
        return WebSocketFilter.protocols(client);
    }

    /** How long the head of the answer may take; null for no limit. */
    public @Nullable Duration responseTimeout(Route route) {
        return timeouts.response(route.getMetadata());
    }

    /** Takes the head of the upstream's answer into the exchange's response. */
    public void take(int status, io.netty.handler.codec.http.HttpHeaders fields, ServerWebExchange exchange) {
        Map<String, Object> attributes = exchange.getAttributes();
        String type = fields.get(HttpHeaderNames.CONTENT_TYPE);
        if (StringUtils.hasLength(type)) {
            attributes.put(ServerWebExchangeUtils.ORIGINAL_RESPONSE_CONTENT_TYPE_ATTR, type);
        }
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(HttpStatusCode.valueOf(status));
        // If another filter has already answered, the headers that it sent stay as they are.
        HttpHeaders headers = response.isCommitted() ? new HttpHeaders() : response.getHeaders();
        Set<String> names = new LinkedHashSet<>();
        filters.response(fields, exchange, (name, value) -> {
            headers.add(name, value);
            names.add(name);
        });
        attributes.put(ServerWebExchangeUtils.CLIENT_RESPONSE_HEADER_NAMES, names);
    }

    /** Has the credential of the call renewed if the upstream refused it; the call itself is not repeated. */
    public static void renewAfter(ServerWebExchange exchange, int status) {
        RenewedCredential.forLaterCalls(exchange, status);
    }
}
