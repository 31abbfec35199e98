package dev.errand.autoconfigure;

import dev.errand.web.Revision;
import dev.errand.web.ServedRoute;
import dev.errand.web.WrittenHeaders;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.cloud.gateway.handler.predicate.RoutePredicateFactory;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.cloud.gateway.route.RouteDefinitionRouteLocator;
import org.springframework.cloud.gateway.support.ConfigurationService;
import org.springframework.core.annotation.AnnotationAwareOrderComparator;
import reactor.core.publisher.Flux;

/**
 * Compiles route definitions into routes that carry their revision, by the rules of Spring Cloud Gateway for filters
 * and predicates. Blocks, so never on an event loop.
 */
record RouteCompiler(
        List<RoutePredicateFactory> predicates,
        List<GatewayFilterFactory> filters,
        ConfigurationService configurations) {
    RouteCompiler {
        predicates = List.copyOf(predicates);
        filters = List.copyOf(filters);
    }

    /** The routes in the order in which they are tried, and the faults of routes that could not be made. */
    record Result(List<Route> routes, List<RouteRules.RouteFault> faults) {}

    /**
     * Compiles the enabled routes. The definitions already have their default filters and have passed the route rules.
     */
    Result compile(List<RouteDefinition> definitions, Revision revision) {
        List<Route> routes = new ArrayList<>();
        List<RouteRules.RouteFault> faults = new ArrayList<>();
        for (RouteDefinition definition : definitions) {
            if (definition.isEnabled()) {
                Map<String, Object> metadata = new HashMap<>(definition.getMetadata());
                metadata.put(Revision.METADATA, revision);
                metadata.put(
                        ServedRoute.PATH,
                        RoutePath.of(definition, revision.policies().catalogues()));
                metadata.put(WrittenHeaders.METADATA, RouteHeaders.written(definition));
                definition.setMetadata(metadata);
                try {
                    routes.addAll(routes(definition));
                } catch (RuntimeException e) {
                    faults.add(new RouteRules.RouteFault(
                            String.valueOf(definition.getId()), "cannot be made: " + cause(e)));
                }
            }
        }
        AnnotationAwareOrderComparator.sort(routes);
        return new Result(routes, faults);
    }

    private List<Route> routes(RouteDefinition definition) {
        List<Route> routes = new RouteDefinitionRouteLocator(
                        () -> Flux.just(definition), predicates, filters, new GatewayProperties(), configurations)
                .getRoutes()
                .collectList()
                .block();
        return routes == null ? List.of() : routes;
    }

    private static String cause(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }
}
