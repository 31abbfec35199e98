package dev.errand.web;

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
        return verification
                .verify(exchange.getRequest(), call)
                .flatMap(verdict -> answer(exchange, chain, call, verdict));
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
