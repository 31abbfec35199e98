package dev.errand.web.stage;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.fleet.TaskActivities;
import dev.errand.loop.FollowUp;
import dev.errand.loop.MonoKept;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.ApprovalRequest;
import dev.errand.task.AskPolicy;
import dev.errand.task.StartValues;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.web.Call;
import dev.errand.web.Caller;
import dev.errand.web.FilterOrder;
import dev.errand.web.LineMarkers;
import dev.errand.web.refusal.CallMetrics;
import dev.errand.web.refusal.Refusals;
import dev.errand.web.refusal.Reply;
import dev.errand.web.refusal.StartRecords;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Has the {@link TaskStore}, a {@code RedisTaskStore}, make the one atomic step on the task's state, with what limits and
 * sequence demand of the call. The filter comes after the filters {@code TaskLimits} and {@code TaskSequence},
 * which only mark the route, and before {@code Provenance}. A granted call always makes a step, since the task must be active
 * and the proof unused. A call that the step denies goes to {@link Refusals}.
 */
final class TaskStepFilter implements GlobalFilter, Ordered {
    private static final Logger LOG = LoggerFactory.getLogger(TaskStepFilter.class);

    private final TaskStore store;
    private final Refusals refusals;
    private final KnownChains chains;
    private final CallMetrics metrics;
    private final StartRecords starts;
    private final LiveCalls live;
    private final Outcomes outcomes;
    private final PermitAges permits;
    private final TaskActivities activities;
    private final AskedCalls asked;
    private final ApprovedCalls approved;

    TaskStepFilter(
            TaskStore store,
            Refusals refusals,
            KnownChains chains,
            CallMetrics metrics,
            StartRecords starts,
            LiveCalls live,
            Outcomes outcomes,
            PermitAges permits,
            TaskActivities activities,
            AskedCalls asked,
            ApprovedCalls approved) {
        this.asked = asked;
        this.approved = approved;
        this.store = store;
        this.refusals = refusals;
        this.chains = chains;
        this.metrics = metrics;
        this.starts = starts;
        this.live = live;
        this.outcomes = outcomes;
        this.permits = permits;
        this.activities = activities;
    }

    @Override
    public int getOrder() {
        return FilterOrder.STEP;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        if (!(Call.find(exchange) instanceof Call.Granted call)) {
            // The route is open. If its caller was verified and nothing was granted, SendDecidedFilter sends nothing.
            return chain.filter(exchange);
        }
        Denial tooMany = call.progress().isLasting() ? live.refuse(call) : null;
        if (tooMany != null) {
            return refusals.deny(exchange, call, tooMany);
        }
        Caller caller = call.caller();
        TaskPolicy policy =
                RouteDemands.of(caller.policy(), exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR));
        TaskStep.Call made = new TaskStep.Call(
                call.decision(),
                caller.accounts(),
                caller.proof(),
                call.operations(),
                caller.isTrusted(),
                caller.registerUntilMillis(),
                call.session(),
                null,
                StartValues.NONE);
        AskPolicy ask = policy.ask();
        TaskStep.Call step = ask == null && policy.candidate() == null ? made : made.of(StartValues.of(caller.chain()));
        String always = ask == null || policy.observe() ? null : ask.always().why(call.operations(), step.values());
        if (ask != null && always != null) {
            return asked.always(call, exchange, ask, step, always, next(chain, policy));
        }
        return decide(call, exchange, chain, policy, step, RequestReservation.NONE);
    }

    private AskedCalls.Next next(GatewayFilterChain chain, TaskPolicy policy) {
        return (call, exchange, step, opening) -> decide(call, exchange, chain, policy, step, opening);
    }

    private Mono<Void> decide(
            Call.Granted call,
            ServerWebExchange exchange,
            GatewayFilterChain chain,
            TaskPolicy policy,
            TaskStep.Call step,
            RequestReservation opening) {
        Decision decision = new Decision(call, exchange, chain, policy, step, opening, System.nanoTime());
        return MonoKept.of(store.apply(call.caller().taskKey(), policy, step), decision);
    }

    /** The work after the step. If the agent leaves meanwhile, the step is still made; a permit is recorded and given back. */
    private final class Decision implements FollowUp<TaskOutcome> {
        private final Call.Granted call;
        private final ServerWebExchange exchange;
        private final GatewayFilterChain chain;
        private final TaskPolicy policy;
        private final TaskStep.Call step;
        private final RequestReservation opening;
        private final long begunNanos;

        Decision(
                Call.Granted call,
                ServerWebExchange exchange,
                GatewayFilterChain chain,
                TaskPolicy policy,
                TaskStep.Call step,
                RequestReservation opening,
                long begunNanos) {
            this.call = call;
            this.exchange = exchange;
            this.chain = chain;
            this.policy = policy;
            this.step = step;
            this.opening = opening;
            this.begunNanos = begunNanos;
        }

        @Override
        public Mono<Void> after(@Nullable TaskOutcome outcome) {
            if (outcome == null) {
                opening.end(true);
                return unavailable();
            }
            metrics.stepTook(exchange, begunNanos);
            if (outcome instanceof TaskOutcome.Permitted permitted) {
                return passes(permit(permitted));
            }
            TaskOutcome.Asked standing = standing(outcome);
            opening.end(standing != null && standing.opened());
            AskPolicy ask = policy.ask();
            if (ask != null && outcome instanceof TaskOutcome.Asks asks) {
                return asked.follow(call, exchange, ask, step, asks.objection(), next(chain, policy));
            }
            return standing == null
                    ? Refusals.told(refusal(outcome))
                    : Refusals.told(approved.opened(standing).then(Mono.defer(() -> refusal(outcome))));
        }

        private Mono<Void> passes(Call.Permitted permitted) {
            opening.end(false);
            permitted.attachTo(exchange);
            ApprovalRequest request = permitted.step().used();
            return request == null
                    ? chain.filter(exchange)
                    : approved.passes(permitted, exchange, request, Mono.defer(() -> chain.filter(exchange)));
        }

        private TaskOutcome.@Nullable Asked standing(TaskOutcome outcome) {
            return outcome instanceof TaskOutcome.Denied denied ? denied.asked() : null;
        }

        @Override
        public Mono<Void> failed(Throwable error) {
            metrics.stepFailed(exchange, begunNanos);
            opening.end(true);
            lost(error);
            boolean undecided = error instanceof StoreUnavailableException || error instanceof IllegalStateException;
            return undecided ? unavailable() : Mono.error(error);
        }

        @Override
        public void abandoned(@Nullable TaskOutcome outcome, @Nullable Throwable error) {
            TaskOutcome.Asked standing = outcome == null ? null : standing(outcome);
            opening.end(error != null || (standing != null && standing.opened()));
            if (standing != null) {
                approved.opened(standing).subscribe();
            }
            if (error != null) {
                lost(error);
            } else if (outcome != null) {
                metrics.stepTook(exchange, begunNanos);
                if (outcome instanceof TaskOutcome.Permitted permitted) {
                    outcomes.abandoned(permit(permitted)).subscribe();
                } else if (!(outcome instanceof TaskOutcome.Asks)) {
                    refusal(outcome).subscribe();
                }
            }
        }

        private Call.Permitted permit(TaskOutcome.Permitted permitted) {
            permits.permit(call, begunNanos);
            call.caller().note(activities, call.operations(), null, false);
            chains.permitted(call.caller().chain(), call.identified().presented());
            if (permitted.progress().begun()) {
                // Not waited for: the call's own record is, and the log keeps the order of appending.
                starts.begun(call.caller()).subscribe();
            }
            return new Call.Permitted(call, permitted);
        }

        private Mono<Reply> refusal(TaskOutcome outcome) {
            boolean notGranted = outcome instanceof TaskOutcome.Denied denied
                    && denied.denial() != null
                    && denied.denial().reason() == DenyReason.NOT_GRANTED;
            List<String> lacking = notGranted
                    ? call.operations().stream()
                            .map(pair -> pair.operation().id())
                            .distinct()
                            .toList()
                    : List.of();
            return refusals.byStep(exchange, call, outcome, lacking);
        }

        private void lost(Throwable error) {
            if (error instanceof StoreUnavailableException) {
                outcomes.lost(call, policy);
            } else if (error instanceof IllegalStateException) {
                LOG.warn(
                        LineMarkers.VERIFIED,
                        "no decision={} route={}: {}",
                        call.decision(),
                        call.route(),
                        error.getMessage());
            }
        }

        private Mono<Void> unavailable() {
            return refusals.unavailable(exchange, call, "the state store is unavailable");
        }
    }
}
