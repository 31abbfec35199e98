package dev.errand.web;

import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.http.HttpStatus;
import org.springframework.util.ConcurrentReferenceHashMap;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Demands the six stages of every built route, wherever the route comes from. A route that lacks one answers 503 unless
 * its metadata says {@code errand: open}. Configured routes are judged at load already; the guard is for the rest. A
 * verdict is kept by a weak reference: a call costs one look-up, and no route is kept beyond its revision.
 */
final class RouteGuard implements GlobalFilter, Ordered {
    private static final Logger LOG = LoggerFactory.getLogger(RouteGuard.class);
    private final Map<Route, Boolean> verdicts =
            new ConcurrentReferenceHashMap<>(16, ConcurrentReferenceHashMap.ReferenceType.WEAK);

    @Override
    public int getOrder() {
        return FilterOrder.ROUTE_GUARD;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        Route route = Objects.requireNonNull(exchange.<Route>getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR));
        Boolean passes = verdicts.get(route);
        if (passes == null) {
            passes = judge(route);
            verdicts.put(route, passes);
        }
        if (passes) {
            return chain.filter(exchange);
        }
        exchange.getResponse().setStatusCode(HttpStatus.SERVICE_UNAVAILABLE);
        return exchange.getResponse().setComplete();
    }

    private static boolean judge(Route route) {
        Set<Stage> missing = EnumSet.complementOf(EnumSet.of(Stage.UPSTREAM_CREDENTIAL));
        missing.removeIf(stage -> StageFilter.isOn(route, stage));
        if (missing.isEmpty()) {
            return true;
        }
        boolean open = "open".equals(route.getMetadata().get("errand"));
        if (open && !StageFilter.isOn(route, Stage.UPSTREAM_CREDENTIAL)) {
            return true;
        }
        LOG.error(
                "route '{}' answers 503: it lacks {} and is not an open route without credential",
                route.getId(),
                missing);
        return false;
    }
}
