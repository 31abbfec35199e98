package dev.errand.web;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.filter.headers.TrailerHeadersFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;

/**
 * Cleans the upstream's answer, trailers too: hop-by-hop fields end here, what only the gateway may say is removed, and
 * addresses of the upstream become the gateway's.
 */
final class IncomingHeadersFilter implements HttpHeadersFilter, TrailerHeadersFilter, Ordered {
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public boolean supports(Type type) {
        return type == Type.RESPONSE;
    }

    @Override
    public HttpHeaders trailers(@Nullable HttpHeaders trailers, ServerWebExchange exchange) {
        return trailers == null ? new HttpHeaders() : filter(trailers, exchange);
    }

    @Override
    public HttpHeaders filter(HttpHeaders input, ServerWebExchange exchange) {
        Set<String> named = HopHeaders.namedByConnection(input);
        Call call = Call.find(exchange);
        HttpHeaders out = new HttpHeaders();
        for (Map.Entry<String, List<String>> field : input.headerSet()) {
            String name = HopHeaders.canonical(field.getKey());
            if (HopHeaders.answerStaysHere(name) || named.contains(name)) {
                continue;
            }
            if (call != null && call.target != null && (name.equals("location") || name.equals("content-location"))) {
                field.getValue().forEach(value -> out.add(field.getKey(), UpstreamLinks.location(value, call)));
            } else if (call != null && call.target != null && name.equals("link")) {
                field.getValue().forEach(value -> out.add(field.getKey(), UpstreamLinks.link(value, call)));
            } else {
                out.addAll(field.getKey(), field.getValue());
            }
        }
        return out;
    }
}
