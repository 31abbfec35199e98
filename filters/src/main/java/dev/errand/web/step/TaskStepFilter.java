package dev.errand.web.step;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.loop.MonoSequel;
import dev.errand.loop.Sequel;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.web.call.Call;
import dev.errand.web.call.Caller;
import dev.errand.web.caller.KnownChains;
import dev.errand.web.live.LiveCalls;
import dev.errand.web.refusal.Answers;
import dev.errand.web.refusal.CallMetrics;
import dev.errand.web.refusal.Instructions;
import dev.errand.web.route.FilterOrder;
import org.jspecify.annotations.Nullable;
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
        Caller caller = call.caller();
        TaskPolicy policy = Demands.of(caller.policy(), call.limits, call.sequence);
        TaskStep step = new TaskStep.Call(
                call.decision,
                caller.accounts(),
                caller.proof(),
                call.calls,
                Instructions.trusted(caller.chain()),
                caller.registerUntilMillis(),
                call.session);
        return MonoSequel.kept(
                store.apply(caller.taskKey(), policy, step), new Decision(exchange, chain, call, System.nanoTime()));
    }

    /** What the step comes to. Though its agent leaves meanwhile it is made: a permit is then recorded and given back. */
    private final class Decision implements Sequel<TaskOutcome> {
        private final ServerWebExchange exchange;
        private final GatewayFilterChain chain;
        private final Call call;
        private final long begunNanos;

        Decision(ServerWebExchange exchange, GatewayFilterChain chain, Call call, long begunNanos) {
            this.exchange = exchange;
            this.chain = chain;
            this.call = call;
            this.begunNanos = begunNanos;
        }

        @Override
        public Mono<Void> after(@Nullable TaskOutcome outcome) {
            if (outcome == null) {
                return unavailable();
            }
            metrics.stepTook(System.nanoTime() - begunNanos);
            if (outcome instanceof TaskOutcome.Permitted permitted) {
                permit(permitted);
                return chain.filter(exchange);
            }
            return Answers.given(refusal(outcome));
        }

        @Override
        public Mono<Void> failed(Throwable error) {
            warn(error);
            boolean undecided = error instanceof StoreUnavailableException || error instanceof IllegalStateException;
            return undecided ? unavailable() : Mono.error(error);
        }

        @Override
        public void abandoned(@Nullable TaskOutcome outcome, @Nullable Throwable error) {
            if (error != null) {
                warn(error);
            } else if (outcome != null) {
                metrics.stepTook(System.nanoTime() - begunNanos);
                if (outcome instanceof TaskOutcome.Permitted permitted) {
                    permit(permitted);
                    outcomes.abandoned(call, permitted).subscribe();
                } else {
                    refusal(outcome).subscribe();
                }
            }
        }

        private void permit(TaskOutcome.Permitted permitted) {
            call.permit = permitted;
            if (call.presented != null) {
                chains.permitted(call.caller().chain(), call.presented);
            }
        }

        private Mono<Mono<Void>> refusal(TaskOutcome outcome) {
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

        private void warn(Throwable error) {
            if (error instanceof IllegalStateException) {
                LOG.warn("no decision={} route={}: {}", call.decision, call.route, error.getMessage());
            }
        }

        private Mono<Void> unavailable() {
            return answers.unavailable(exchange, call, "the state store is unavailable");
        }
    }
}
