package dev.errand.web.stage;

import dev.errand.web.Call;
import dev.errand.web.FilterOrder;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.filter.headers.TrailerHeadersFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;

/** Cleans the trailers of the upstream's answer as {@link IncomingHeaders} does its head. */
record TrailersFilter(AnswerSearch search) implements HttpHeadersFilter, TrailerHeadersFilter, Ordered {
    @Override
    public int getOrder() {
        return FilterOrder.TRAILERS;
    }

    @Override
    public boolean supports(Type type) {
        // Spring's gateway looks for filters of trailers only among the filters of heads, so this class is one too.
        return false;
    }

    @Override
    public HttpHeaders filter(HttpHeaders head, ServerWebExchange exchange) {
        return head;
    }

    @Override
    public HttpHeaders trailers(@Nullable HttpHeaders trailers, ServerWebExchange exchange) {
        HttpHeaders out = new HttpHeaders();
        Call call = Call.find(exchange);
        Call.Granted granted = call == null ? null : call.granted();
        // Trailers come after the body, so the search of the body did not see them.
        boolean searched = granted != null && granted.searched();
        if (trailers != null && !trailers.isEmpty() && !searched) {
            IncomingHeaders.pass(trailers, exchange, out::add);
            if (call != null && call.progress().takeEcho()) {
                search.found(call);
            }
        }
        return out;
    }
}
