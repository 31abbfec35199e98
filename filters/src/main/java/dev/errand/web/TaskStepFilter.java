package dev.errand.web;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import java.util.concurrent.atomic.AtomicBoolean;
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
    private final Outcomes outcomes;

    TaskStepFilter(
            TaskStore store,
            Answers answers,
            KnownChains chains,
            CallMetrics metrics,
            LiveCalls live,
            Outcomes outcomes) {
        this.store = store;
        this.answers = answers;
        this.chains = chains;
        this.metrics = metrics;
        this.live = live;
        this.outcomes = outcomes;
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
        Leaving leaving = new Leaving();
        Mono<Mono<Void>> decided = store.apply(caller.taskKey(), policy, step)
                .map(outcome -> {
                    metrics.stepTook(System.nanoTime() - begun);
                    return outcome;
                })
                .onErrorResume(StoreUnavailableException.class, e -> Mono.empty())
                .onErrorResume(IllegalStateException.class, e -> {
                    LOG.warn("no decision={} route={}: {}", call.decision, call.route, e.getMessage());
                    return Mono.empty();
                })
                .flatMap(outcome -> decided(exchange, chain, call, outcome, leaving))
                .switchIfEmpty(Mono.just(
                        Mono.defer(() -> answers.unavailable(exchange, call, "the state store is unavailable"))));
        return Answers.toItsEnd(call, decided).flatMap(next -> next).doOnCancel(() -> leaving.left(call, outcomes));
    }

    private Mono<Mono<Void>> decided(
            ServerWebExchange exchange, GatewayFilterChain chain, Call call, TaskOutcome outcome, Leaving leaving) {
        if (outcome instanceof TaskOutcome.Permitted permitted) {
            call.permit = permitted;
            if (call.presented != null) {
                chains.permitted(call.caller().chain(), call.presented.leaf());
            }
            Mono<Void> next = Mono.defer(() -> leaving.goOn() ? chain.filter(exchange) : Mono.empty());
            return leaving.abandoned(call, outcomes).thenReturn(next);
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

    /** A call goes on behind its step, or its agent leaves before: then a permit is recorded and given back, once. */
    private static final class Leaving {
        private final AtomicBoolean over = new AtomicBoolean();
        private final AtomicBoolean left = new AtomicBoolean();
        private final AtomicBoolean recorded = new AtomicBoolean();

        boolean goOn() {
            return over.compareAndSet(false, true);
        }

        void left(Call call, Outcomes outcomes) {
            if (over.compareAndSet(false, true)) {
                left.set(true);
                abandoned(call, outcomes).subscribe();
            }
        }

        Mono<Void> abandoned(Call call, Outcomes outcomes) {
            TaskOutcome.Permitted permit = call.permit;
            return left.get() && permit != null && recorded.compareAndSet(false, true)
                    ? outcomes.abandoned(call, permit)
                    : Mono.empty();
        }
    }
}
