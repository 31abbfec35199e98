package dev.errand.web.stage;

import dev.errand.denial.StartReason;
import dev.errand.loop.Continuation;
import dev.errand.loop.EndOfTurn;
import dev.errand.loop.FollowUp;
import dev.errand.loop.MonoKept;
import dev.errand.policy.GoverningPolicies;
import dev.errand.web.Call;
import dev.errand.web.Caller;
import dev.errand.web.FilterOrder;
import dev.errand.web.Stage;
import dev.errand.web.refusal.Refusals;
import dev.errand.web.refusal.StartRecords;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * {@code DelegationChain}: asks {@link CallerVerification} who calls. A caller that is accepted goes on to the next filter of
 * {@link FilterOrder}. Any other is refused by {@link Refusals}.
 */
final class DelegationChainGatewayFilterFactory extends AbstractGatewayFilterFactory<Object> {
    private final CallerVerification verification;
    private final Refusals refusals;
    private final StartRecords starts;

    DelegationChainGatewayFilterFactory(CallerVerification verification, Refusals refusals, StartRecords starts) {
        super(Object.class);
        this.verification = verification;
        this.refusals = refusals;
        this.starts = starts;
    }

    @Override
    public GatewayFilter apply(Object config) {
        return StageStep.at(FilterOrder.DELEGATION, Stage.DELEGATION_CHAIN, Call.Presenting.class, this::verify);
    }

    private Mono<Void> verify(Call.Presenting call, ServerWebExchange exchange, GatewayFilterChain chain) {
        // All calls of a turn verify their proofs one after another. The tables and the code of a signature then stay
        // in the caches of the processor.
        Mono<CallerVerification.Verdict> verdict = EndOfTurn.of(call.loop())
                .supply(() -> verification.verify(exchange.getRequest(), call))
                .flatMap(Function.identity());
        return MonoKept.on(call.loop(), verdict, new Judged(call, exchange, chain));
    }

    /** The work after the verdict. A call whose agent leaves before the verdict is still judged. */
    private final class Judged implements FollowUp<CallerVerification.Verdict> {
        private final Call.Presenting call;
        private final ServerWebExchange exchange;
        private final GatewayFilterChain chain;

        Judged(Call.Presenting call, ServerWebExchange exchange, GatewayFilterChain chain) {
            this.call = call;
            this.exchange = exchange;
            this.chain = chain;
        }

        @Override
        public Mono<Void> after(CallerVerification.@Nullable Verdict verdict) {
            if (Objects.requireNonNull(verdict) instanceof CallerVerification.Verdict.Accepted accepted) {
                identified(accepted.caller());
                return chain.filter(exchange);
            }
            if (verdict instanceof CallerVerification.Verdict.Refused refused) {
                Caller holder = refused.holder();
                return refusals.deny(exchange, holder == null ? call : identified(holder), refused.refusal());
            }
            if (verdict instanceof CallerVerification.Verdict.Ungoverned ungoverned) {
                return ungoverned(ungoverned);
            }
            if (verdict instanceof CallerVerification.Verdict.Expired expired) {
                return refusals.deny(exchange, call, expired.refusal());
            }
            return refusals.unavailable(exchange, call, "the state store is unavailable");
        }

        private Mono<Void> ungoverned(CallerVerification.Verdict.Ungoverned ungoverned) {
            GoverningPolicies.Found.Refused cause = ungoverned.cause();
            StartReason reason = cause == null ? null : cause.start();
            if (cause != null && reason != null) {
                starts.refused(ungoverned.chain(), cause.policy(), reason, cause.reason())
                        .subscribe();
            }
            return refusals.deny(exchange, call, ungoverned.refusal());
        }

        private Call identified(Caller caller) {
            Call identified = new Call.Identified(call.arrived(), call.presented(), caller);
            identified.attachTo(exchange);
            return identified;
        }

        /**
         * Starts the next step, and cancels it at once. Work that has begun by then, such as the task's step,
         * completes.
         */
        @Override
        public void abandoned(CallerVerification.@Nullable Verdict verdict, @Nullable Throwable error) {
            Mono<Void> next = error == null ? after(verdict) : failed(error);
            next.contextWrite(context -> Continuation.on(call.loop(), context))
                    .subscribe()
                    .dispose();
        }
    }
}
