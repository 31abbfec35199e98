package dev.errand.web.stage;

import dev.errand.web.FilterOrder;
import dev.errand.web.Stage;
import dev.errand.web.StageFilter;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;

/**
 * {@code TaskLimits}: the call is charged to the buckets and budgets of its task, its operations and its chain. The filter
 * marks the route; {@link TaskStepFilter} charges.
 */
final class TaskLimitsGatewayFilterFactory extends AbstractGatewayFilterFactory<Object> {
    TaskLimitsGatewayFilterFactory() {
        super(Object.class);
    }

    @Override
    public GatewayFilter apply(Object config) {
        return StageFilter.at(FilterOrder.LIMITS, Stage.TASK_LIMITS, (exchange, chain) -> chain.filter(exchange));
    }
}
