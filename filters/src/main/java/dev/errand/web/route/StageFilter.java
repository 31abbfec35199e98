package dev.errand.web.route;

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
 * @param stage which
 * @param step what it does
 */
public record StageFilter(Stage stage, Step step) implements GatewayFilter {
    /** What a stage does to a call before it hands the exchange on. */
    @FunctionalInterface
    public interface Step {
        Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain);
    }

    /** The stage at its fixed place. */
    public static GatewayFilter at(int order, Stage stage, Step step) {
        return new OrderedGatewayFilter(new StageFilter(stage, step), order);
    }

    /** The stage that a built filter is, or null. */
    static @Nullable Stage of(GatewayFilter filter) {
        GatewayFilter inner = filter instanceof OrderedGatewayFilter ordered ? ordered.getDelegate() : filter;
        return inner instanceof StageFilter known ? known.stage() : null;
    }

    /** Whether a built route has the stage. */
    public static boolean isOn(Route route, Stage stage) {
        List<GatewayFilter> filters = route.getFilters();
        for (int i = 0; i < filters.size(); i++) {
            if (of(filters.get(i)) == stage) {
                return true;
            }
        }
        return false;
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
