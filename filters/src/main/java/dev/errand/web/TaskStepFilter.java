package dev.errand.web;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Commits, in one atomic step on the task's state, what limits and sequence demand of this call: behind both and before
 * the provenance. A call of a verified caller always makes a step, since the task must be active and the proof unused.
 */
final class TaskStepFilter implements GlobalFilter, Ordered {
    private static final Logger LOG = LoggerFactory.getLogger(TaskStepFilter.class);

    private final TaskStore store;
    private final Answers answers;
    private final KnownChains chains;
    private final CallMetrics metrics;
    private final LiveCalls live;

    TaskStepFilter(TaskStore store, Answers answers, KnownChains chains, CallMetrics metrics, LiveCalls live) {
        this.store = store;
        this.answers = answers;
        this.chains = chains;
        this.metrics = metrics;
        this.live = live;
    }

    @Override
    public int getOrder() {
        return FilterOrder.STEP;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        Call call = Call.find(exchange);
        if (call == null || call.caller == null) {
            return chain.filter(exchange);
        }
        Denial tooMany = call.lasting && call.live != null ? live.refuse(call.live) : null;
        if (tooMany != null) {
            return answers.deny(exchange, call, tooMany);
        }
        Call.Caller caller = call.caller();
        TaskPolicy policy = Demands.of(caller.policy(), call.limits, call.sequence);
        TaskStep step = new TaskStep.Call(
                call.decision,
                caller.accounts(),
                caller.proof(),
                call.calls,
                Instructions.trusted(caller.chain()),
                caller.registerUntilMillis(),
                call.session);
        long begun = System.nanoTime();
        return store.apply(caller.taskKey(), policy, step)
                .map(outcome -> {
                    metrics.stepTook(System.nanoTime() - begun);
                    return outcome;
                })
                .onErrorResume(StoreUnavailableException.class, e -> Mono.empty())
                .onErrorResume(IllegalStateException.class, e -> {
                    LOG.warn("no decision={} route={}: {}", call.decision, call.route, e.getMessage());
                    return Mono.empty();
                })
                .flatMap(outcome -> go(exchange, chain, call, outcome).thenReturn(true))
                .switchIfEmpty(Mono.defer(() -> answers.unavailable(exchange, call, "the state store is unavailable")
                        .thenReturn(false)))
                .then();
    }

    private Mono<Void> go(ServerWebExchange exchange, GatewayFilterChain chain, Call call, TaskOutcome outcome) {
        if (outcome instanceof TaskOutcome.Permitted permitted) {
            call.permit = permitted;
            if (call.presented != null) {
                chains.permitted(call.caller().chain(), call.presented.leaf());
            }
            return chain.filter(exchange);
        }
        if (outcome instanceof TaskOutcome.Denied denied
                && denied.denial() != null
                && denied.denial().reason() == DenyReason.NOT_GRANTED) {
            call.lacking = call.calls.stream()
                    .map(pair -> pair.operation().id())
                    .distinct()
                    .toList();
        }
        return answers.stepRefused(exchange, call, outcome);
    }
}
