package dev.errand.web.caller;

import dev.errand.loop.Continuation;
import dev.errand.loop.EndOfTurn;
import dev.errand.loop.MonoSequel;
import dev.errand.loop.Sequel;
import dev.errand.web.call.Call;
import dev.errand.web.refusal.Answers;
import dev.errand.web.route.FilterOrder;
import dev.errand.web.route.Stage;
import dev.errand.web.route.StageFilter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** {@code DelegationChain}: verifies the chain back to the human, the proof of possession and the workload identity. */
final class DelegationChainGatewayFilterFactory extends AbstractGatewayFilterFactory<Object> {
    private final CallerVerification verification;
    private final Answers answers;

    DelegationChainGatewayFilterFactory(CallerVerification verification, Answers answers) {
        super(Object.class);
        this.verification = verification;
        this.answers = answers;
    }

    @Override
    public GatewayFilter apply(Object config) {
        return StageFilter.at(FilterOrder.DELEGATION, Stage.DELEGATION_CHAIN, this::verify);
    }

    private Mono<Void> verify(ServerWebExchange exchange, GatewayFilterChain chain) {
        Call call = Call.of(exchange);
        // A signature's tables and code are large: the proofs of all calls of a turn take less one behind the other.
        Mono<Mono<CallerVerification.Verdict>> verdict =
                EndOfTurn.of(call.loop).supply(() -> verification.verify(exchange.getRequest(), call));
        return MonoSequel.keptOn(call.loop, verdict, new Verified(exchange, chain, call));
    }

    /** What the verdict leads to. An agent that leaves before it is there is judged all the same. */
    private final class Verified implements Sequel<Mono<CallerVerification.Verdict>> {
        private final ServerWebExchange exchange;
        private final GatewayFilterChain chain;
        private final Call call;

        Verified(ServerWebExchange exchange, GatewayFilterChain chain, Call call) {
            this.exchange = exchange;
            this.chain = chain;
            this.call = call;
        }

        @Override
        public Mono<Void> after(@Nullable Mono<CallerVerification.Verdict> verdict) {
            return Objects.requireNonNull(verdict).flatMap(known -> answer(exchange, chain, call, known));
        }

        /** As if the agent had left right afterwards: what has begun by then, such as the task's step, is kept by what began it. */
        @Override
        public void abandoned(@Nullable Mono<CallerVerification.Verdict> verdict, @Nullable Throwable error) {
            Mono<Void> next = error == null ? after(verdict) : failed(error);
            next.contextWrite(context -> Continuation.on(call.loop, context))
                    .subscribe()
                    .dispose();
        }
    }

    private Mono<Void> answer(
            ServerWebExchange exchange, GatewayFilterChain chain, Call call, CallerVerification.Verdict verdict) {
        if (verdict instanceof CallerVerification.Verdict.Undecided) {
            return answers.unavailable(exchange, call, "the state store is unavailable");
        }
        if (verdict instanceof CallerVerification.Verdict.Refused refused) {
            call.caller = refused.caller();
            call.nonce = refused.nonce();
            return answers.deny(exchange, call, refused.denial());
        }
        call.caller = ((CallerVerification.Verdict.Verified) verdict).caller();
        return chain.filter(exchange);
    }
}
