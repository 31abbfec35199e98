package dev.errand.web;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.reactivestreams.Publisher;
import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.cloud.gateway.handler.FilteringWebHandler;
import org.springframework.cloud.gateway.handler.RoutePredicateHandlerMapping;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.env.Environment;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * Finds the route of a request: the first route of the running revision whose predicates hold, else one of another route
 * locator. Most predicates answer at once, so the search is a loop; a predicate that has to wait is waited for. The mapping
 * takes the place of Spring Cloud Gateway's own, which makes a stream of the routes for each request. Thread-safe.
 */
final class RouteMapping extends RoutePredicateHandlerMapping {
    private final RunningRevision running;

    RouteMapping(
            FilteringWebHandler handler,
            RunningRevision running,
            RunningRoutes routes,
            GlobalCorsProperties cors,
            Environment environment) {
        super(handler, routes.others(), cors, environment);
        this.running = running;
    }

    @Override
    public Mono<Object> getHandler(ServerWebExchange exchange) {
        Mono<Object> handler = super.getHandler(exchange);
        return exchange instanceof PreflightExchange preflight ? handler.map(preflight::unveiled) : handler;
    }

    /** No configuration of CORS counts: a cross-origin request that Spring refused would be in no record. */
    @Override
    protected boolean hasCorsConfigurationSource(Object handler) {
        return false;
    }

    @Override
    protected Mono<Route> lookupRoute(ServerWebExchange exchange) {
        // The predicates of paths would parse the path anew.
        exchange.getAttributes()
                .put(
                        ServerWebExchangeUtils.GATEWAY_PREDICATE_PATH_CONTAINER_ATTR,
                        exchange.getRequest().getPath());
        return first(running.routes(), 0, exchange);
    }

    private Mono<Route> first(List<Route> routes, int from, ServerWebExchange exchange) {
        for (int i = from; i < routes.size(); i++) {
            Route route = routes.get(i);
            CompletableFuture<Boolean> verdict = ask(route, exchange);
            if (!verdict.isDone() || verdict.isCompletedExceptionally()) {
                int next = i + 1;
                return Mono.fromFuture(verdict)
                        .defaultIfEmpty(false)
                        .flatMap(holds -> holds ? Mono.just(route) : first(routes, next, exchange));
            }
            if (Boolean.TRUE.equals(verdict.getNow(false))) {
                return Mono.just(route);
            }
        }
        return super.lookupRoute(exchange);
    }

    private CompletableFuture<Boolean> ask(Route route, ServerWebExchange exchange) {
        // A predicate reads from this attribute which route it belongs to.
        exchange.getAttributes().put(ServerWebExchangeUtils.GATEWAY_PREDICATE_ROUTE_ATTR, route.getId());
        ContextView context =
                exchange.getAttributeOrDefault(ServerWebExchangeUtils.GATEWAY_REACTOR_CONTEXT_ATTR, Context.empty());
        Publisher<Boolean> verdict;
        try {
            verdict = route.getPredicate().apply(exchange);
        } catch (RuntimeException e) {
            logger.error("a predicate of route '" + route.getId() + "' failed", e);
            return CompletableFuture.completedFuture(false);
        }
        return Mono.from(verdict).contextWrite(context).toFuture();
    }
}
