package dev.errand.web.stage;

import dev.errand.web.FilterOrder;
import dev.errand.web.Stage;
import dev.errand.web.StageFilter;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;

/**
 * {@code TaskSequence}: the call must fit the plan and the rules of its task. The filter marks the route;
 * {@link TaskStepFilter} judges.
 */
final class TaskSequenceGatewayFilterFactory extends AbstractGatewayFilterFactory<Object> {
    TaskSequenceGatewayFilterFactory() {
        super(Object.class);
    }

    @Override
    public GatewayFilter apply(Object config) {
        return StageFilter.at(FilterOrder.SEQUENCE, Stage.TASK_SEQUENCE, (exchange, chain) -> chain.filter(exchange));
    }
}
