package dev.errand.web;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;

/**
 * Composes the header fields that go to the upstream, behind every other headers filter, so that nothing the client sent
 * ({@code Connection: close, Txn-Token}) can remove or shadow what is ours.
 */
final class OutgoingHeadersFilter implements HttpHeadersFilter, Ordered {
    private static final Set<String> BODY_LESS = Set.of("GET", "HEAD", "DELETE", "OPTIONS", "TRACE");

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public boolean supports(Type type) {
        return type == Type.REQUEST;
    }

    @Override
    public HttpHeaders filter(HttpHeaders input, ServerWebExchange exchange) {
        return fields(input, exchange);
    }

    /** The fields as they will be sent, names in lower case: for a credential that signs them. */
    static Map<String, List<String>> compose(ServerWebExchange exchange) {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        fields(exchange.getRequest().getHeaders(), exchange)
                .forEach((name, values) -> fields.put(name.toLowerCase(Locale.ROOT), List.copyOf(values)));
        return fields;
    }

    private static HttpHeaders fields(HttpHeaders input, ServerWebExchange exchange) {
        HttpHeaders client = exchange.getRequest().getHeaders();
        Set<String> named = HopHeaders.namedByConnection(client);
        Call call = Call.find(exchange);
        Map<String, String> ours = call == null ? Map.of() : call.upstreamHeaders;
        Set<String> stripped = call == null ? Set.of() : call.strippedHeaders;
        HttpHeaders out = new HttpHeaders();
        for (Map.Entry<String, List<String>> field : input.headerSet()) {
            String name = HopHeaders.canonical(field.getKey());
            boolean disguised = name.equals("content-length") && field.getKey().indexOf('_') >= 0;
            if (!disguised
                    && !HopHeaders.staysHere(name)
                    && !named.contains(name)
                    && !stripped.contains(name)
                    && !ours.containsKey(name)) {
                out.addAll(field.getKey(), field.getValue());
            }
        }
        ours.forEach(out::set);
        if (call != null) {
            out.set("traceparent", call.traceparent);
            if (!Traceparent.continues(client, call.traceparent)) {
                out.remove("tracestate");
            }
        }
        if (call != null && call.listAnswer != null) {
            // An answer that is to be filtered must be readable.
            out.remove(HttpHeaders.ACCEPT_ENCODING);
        }
        boolean chunked = client.containsHeader(HttpHeaders.TRANSFER_ENCODING);
        if (chunked) {
            // Of two framings that one counts (RFC 9112 section 6.3): a length beside it would make two requests of
            // one.
            out.remove(HttpHeaders.CONTENT_LENGTH);
        }
        boolean noBody = !chunked && !client.containsHeader(HttpHeaders.CONTENT_LENGTH);
        if (noBody && !BODY_LESS.contains(exchange.getRequest().getMethod().name())) {
            // Without this, a request without a body goes out with an empty chunked one.
            out.setContentLength(0);
        }
        if (call != null && call.body != null && !noBody) {
            out.setContentLength(call.body.length);
        }
        return out;
    }
}
