package dev.errand.web.send;

import dev.errand.web.stage.IncomingHeaders;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter.Type;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;

/**
 * An operator's own filters of headers. They run before {@link OutgoingHeaders} and {@link IncomingHeaders}. Where
 * there is none, nothing is copied. Thread-safe.
 */
final class HeadersFilters {
    private final ObjectProvider<List<HttpHeadersFilter>> provider;
    private volatile @Nullable List<HttpHeadersFilter> filters;

    HeadersFilters(ObjectProvider<List<HttpHeadersFilter>> provider) {
        this.provider = provider;
    }

    /** The request's headers after the filters; the same instance if there is no filter. */
    HttpHeaders request(ServerWebExchange exchange) {
        return any(Type.REQUEST)
                ? HttpHeadersFilter.filterRequest(filters(), exchange)
                : exchange.getRequest().getHeaders();
    }

    /** Passes to {@code out} those of the upstream's fields that go on to the agent. */
    void response(
            io.netty.handler.codec.http.HttpHeaders fields,
            ServerWebExchange exchange,
            BiConsumer<String, String> out) {
        if (!any(Type.RESPONSE)) {
            IncomingHeaders.pass(fields, exchange, out);
            return;
        }
        HttpHeaders copy = new HttpHeaders();
        fields.iteratorAsString().forEachRemaining(field -> copy.add(field.getKey(), field.getValue()));
        IncomingHeaders.pass(HttpHeadersFilter.filter(filters(), copy, exchange, Type.RESPONSE), exchange, out);
    }

    private boolean any(Type type) {
        List<HttpHeadersFilter> all = filters();
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).supports(type)) {
                return true;
            }
        }
        return false;
    }

    /** The filters, looked up at the first call: these beans may need others that do not exist when this bean is made. */
    private List<HttpHeadersFilter> filters() {
        List<HttpHeadersFilter> known = filters;
        if (known == null) {
            known = Objects.requireNonNull(provider.getIfAvailable(List::of));
            filters = known;
        }
        return known;
    }
}
