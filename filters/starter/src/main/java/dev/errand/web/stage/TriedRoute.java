package dev.errand.web.stage;

import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.Resolution;
import dev.errand.web.WrittenHeaders;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.RouteToRequestUrlFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * A route that is not served: says whether it takes a request that was only described, and what the request means after the
 * route's filters. Blocks, so never on an event loop. Immutable.
 *
 * @param route the route, with only the filters that rewrite a request
 * @param written the headers that all of its filters write
 */
public record TriedRoute(Route route, WrittenHeaders written) {
    /** Whether the predicates of the route hold. */
    public boolean takes(HttpMethod method, URI uri, HttpHeaders headers) {
        return takes(exchange(method, uri, headers));
    }

    private boolean takes(ServerWebExchange exchange) {
        return Boolean.TRUE.equals(
                Mono.from(route.getPredicate().apply(exchange)).block());
    }

    /**
     * Names the operations of a request that the route takes.
     *
     * @param target the request-target as the client sends it
     * @param uri the same with the gateway's address
     */
    public Resolution name(
            OperationCatalogue catalogue, HttpMethod method, String target, URI uri, HttpHeaders headers, byte[] body) {
        ServerWebExchange exchange = exchange(method, uri, headers);
        exchange.getAttributes().put(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR, route);
        // A predicate leaves in the exchange what filters need, such as the variables of the path.
        if (!takes(exchange)) {
            throw new IllegalArgumentException("the route " + route.getId() + " does not take " + target);
        }
        ServerWebExchange routed = rewritten(exchange);
        URI url = routed.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
        return OperationNaming.name(catalogue, method.name(), target, headers, routed.getRequest(), url, written, body);
    }

    private ServerWebExchange exchange(HttpMethod method, URI uri, HttpHeaders headers) {
        ServerWebExchange exchange = TrialExchange.of(method, uri, headers);
        exchange.getAttributes().put(ServerWebExchangeUtils.GATEWAY_PREDICATE_ROUTE_ATTR, route.getId());
        return exchange;
    }

    /** The exchange as the last of the route's filters hands it on, with the URL that will be sent. */
    private ServerWebExchange rewritten(ServerWebExchange exchange) {
        AtomicReference<@Nullable ServerWebExchange> last = new AtomicReference<>();
        GatewayFilterChain chain = end -> new RouteToRequestUrlFilter().filter(end, sent -> {
            last.set(sent);
            return Mono.empty();
        });
        List<GatewayFilter> filters = route.getFilters();
        for (int i = filters.size() - 1; i >= 0; i--) {
            GatewayFilter filter = filters.get(i);
            GatewayFilterChain rest = chain;
            chain = each -> filter.filter(each, rest);
        }
        chain.filter(exchange).block();
        return Objects.requireNonNull(last.get());
    }
}
