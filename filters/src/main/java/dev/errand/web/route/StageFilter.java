package dev.errand.web.route;

import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.OrderedGatewayFilter;
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

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        return step.filter(exchange, chain);
    }

    @Override
    public String toString() {
        return stage.filterName();
    }
}
