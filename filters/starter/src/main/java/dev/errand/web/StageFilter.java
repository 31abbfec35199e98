package dev.errand.web;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.OrderedGatewayFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * A gateway filter that is one {@link Stage}, so that a built route can be asked which stages it has.
 *
 * @param stage the stage
 * @param name the prefix of the catalogue that names the route's operations, or the name of the credential that the route
 *     writes; null for every other stage
 * @param step what the stage does
 */
public record StageFilter(Stage stage, @Nullable String name, Step step) implements GatewayFilter {
    /** What a stage does to a call before it hands the exchange on. */
    @FunctionalInterface
    public interface Step {
        Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain);
    }

    /** The stage at its fixed place. */
    public static GatewayFilter at(int order, Stage stage, Step step) {
        return at(order, stage, null, step);
    }

    /** The stage at its fixed place, with the name of its catalogue or credential. */
    public static GatewayFilter at(int order, Stage stage, @Nullable String name, Step step) {
        return new OrderedGatewayFilter(new StageFilter(stage, name, step), order);
    }

    /** The stage that a built filter is, or null. */
    private static @Nullable StageFilter of(GatewayFilter filter) {
        GatewayFilter inner = filter instanceof OrderedGatewayFilter ordered ? ordered.getDelegate() : filter;
        return inner instanceof StageFilter known ? known : null;
    }

    private static @Nullable StageFilter find(Route route, Stage stage) {
        List<GatewayFilter> filters = route.getFilters();
        for (int i = 0; i < filters.size(); i++) {
            StageFilter found = of(filters.get(i));
            if (found != null && found.stage() == stage) {
                return found;
            }
        }
        return null;
    }

    /** Whether a built route has the stage. */
    public static boolean isOn(Route route, Stage stage) {
        return find(route, stage) != null;
    }

    /** The prefix of the catalogue that names a built route's operations; null where none does. */
    public static @Nullable String catalogue(Route route) {
        StageFilter naming = find(route, Stage.OPERATION_MAPPING);
        return naming == null ? null : naming.name();
    }

    /** The name of the credential that a built route writes; null where it writes none. */
    public static @Nullable String credential(Route route) {
        StageFilter writing = find(route, Stage.UPSTREAM_CREDENTIAL);
        return writing == null ? null : writing.name();
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        return step.filter(exchange, chain);
    }

    @Override
    public String toString() {
        return stage.filterName();
    }
}
