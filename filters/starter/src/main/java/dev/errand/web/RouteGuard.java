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
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Demands the six stages of every built route, wherever the route comes from. A route that lacks one answers 503 unless
 * its metadata says {@code errand: open}. A route of the other door answers 404. Configured routes are judged at load already; the guard is for the rest. A
 * verdict is kept by a weak reference: a call costs one look-up, and no route is kept beyond its revision.
 */
final class RouteGuard implements GlobalFilter, Ordered {
    private static final Logger LOG = LoggerFactory.getLogger(RouteGuard.class);
    private final Map<Route, Verdict> verdicts =
            new ConcurrentReferenceHashMap<>(16, ConcurrentReferenceHashMap.ReferenceType.WEAK);
    private final boolean given;

    /** The guard of the traffic port. */
    RouteGuard() {
        this(false);
    }

    /** @param given whether the requests are those of another gateway, else those of the traffic port */
    RouteGuard(boolean given) {
        this.given = given;
    }

    private enum Verdict {
        PASSES,
        /** The route lacks a stage. */
        LACKS,
        /** The route is for the other door only. */
        ABSENT
    }

    @Override
    public int getOrder() {
        return FilterOrder.ROUTE_GUARD;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        Route route = Objects.requireNonNull(exchange.<Route>getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR));
        Verdict verdict = verdicts.get(route);
        if (verdict == null) {
            verdict = isHere(route) ? judge(route) ? Verdict.PASSES : Verdict.LACKS : Verdict.ABSENT;
            verdicts.put(route, verdict);
        }
        if (verdict == Verdict.PASSES) {
            return chain.filter(exchange);
        }
        if (verdict == Verdict.ABSENT) {
            return Mono.error(new ResponseStatusException(HttpStatus.NOT_FOUND));
        }
        exchange.getResponse().setStatusCode(HttpStatus.SERVICE_UNAVAILABLE);
        return exchange.getResponse().setComplete();
    }

    /** Another gateway's requests need its cluster; a route without an upstream of its own is for them only. */
    private boolean isHere(Route route) {
        return given
                ? route.getMetadata().containsKey(GivenRoutes.CLUSTER)
                : !GivenRoutes.NO_UPSTREAM.equals(route.getUri().getScheme());
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
