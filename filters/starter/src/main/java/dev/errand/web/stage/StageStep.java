package dev.errand.web.stage;

import dev.errand.web.Call;
import dev.errand.web.Stage;
import dev.errand.web.StageFilter;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * What a stage does to a call before it hands the exchange on.
 *
 * @param <C> the call as the stage before it left it
 */
@FunctionalInterface
interface StageStep<C extends Call> {
    Mono<Void> filter(C call, ServerWebExchange exchange, GatewayFilterChain chain);

    /** The stage at its fixed place, given the call that the stage before it made. */
    static <C extends Call> GatewayFilter at(int order, Stage stage, Class<C> before, StageStep<C> step) {
        return StageFilter.at(
                order, stage, (exchange, chain) -> step.filter(Call.of(exchange, before), exchange, chain));
    }
}
