package dev.errand.web;

import dev.errand.provenance.ProvenanceLog;
import dev.errand.provenance.ProvenanceLog.LogUnavailableException;
import dev.errand.provenance.ProvenanceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * The provenance stage: no call is forwarded before its decision is in the log, and none is answered before its outcome
 * is in the task's state. Thread-safe.
 */
final class ProvenanceStage {
    private static final Logger LOG = LoggerFactory.getLogger(ProvenanceStage.class);

    private final ProvenanceLog log;
    private final Records records;
    private final UpstreamHeaders upstreamHeaders;
    private final Outcomes outcomes;
    private final Answers answers;
    private final CallMetrics metrics;

    ProvenanceStage(
            ProvenanceLog log,
            Records records,
            UpstreamHeaders upstreamHeaders,
            Outcomes outcomes,
            Answers answers,
            CallMetrics metrics) {
        this.log = log;
        this.records = records;
        this.upstreamHeaders = upstreamHeaders;
        this.outcomes = outcomes;
        this.answers = answers;
        this.metrics = metrics;
    }

    Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain, boolean send) {
        Call call = Call.of(exchange);
        if (call.permit == null) {
            return answers.unavailable(exchange, call, "no step permitted this call");
        }
        if (send) {
            upstreamHeaders.write(call);
        }
        ProvenanceRecord.Decision permitted = records.permitted(call, call.permit);
        // From here on the agent may leave, or the call be cut, at any time: its permit has an outcome all the same.
        return Mono.usingWhen(
                Mono.just(call),
                c -> recorded(exchange, chain, c, permitted),
                c -> c.upgraded || !c.forwarded ? Mono.empty() : Mono.fromRunnable(() -> metrics.callTook(c)),
                (c, error) -> Mono.empty(),
                outcomes::cancelled);
    }

    private Mono<Void> recorded(
            ServerWebExchange exchange, GatewayFilterChain chain, Call call, ProvenanceRecord.Decision permitted) {
        return log.append(permitted)
                .thenReturn(true)
                // What follows is the call's own work: on the log's writer it would hold up every other call's record.
                .publishOn(call.loop)
                .onErrorResume(LogUnavailableException.class, e -> {
                    LOG.warn("provenance log unavailable, call refused: {}", e.getMessage());
                    return Mono.just(false);
                })
                .flatMap(recorded -> recorded ? forward(exchange, chain, call) : refuse(exchange, call));
    }

    /** No filter sends what the route's {@code uri} has for a scheme; a call that was not sent never happened. */
    private static final class NotRoutedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotRoutedException() {
            super("no filter routes to the scheme of the route's uri", null, false, false);
        }
    }

    private Mono<Void> refuse(ServerWebExchange exchange, Call call) {
        return outcomes.giveBack(call).then(answers.unavailable(exchange, call, "the provenance log is unavailable"));
    }

    private Mono<Void> forward(ServerWebExchange exchange, GatewayFilterChain chain, Call call) {
        metrics.decided(call, null);
        call.forwarded = true;
        long begun = System.nanoTime();
        return chain.filter(exchange)
                .then(Mono.defer(() -> {
                    if (!ServerWebExchangeUtils.isAlreadyRouted(exchange)) {
                        return Mono.error(new NotRoutedException());
                    }
                    if (!call.upgraded) {
                        metrics.upstreamTook(System.nanoTime() - begun);
                    }
                    return outcomes.answered(exchange, call).then();
                }))
                .onErrorResume(error -> outcomes.failed(exchange, call, error));
    }
}
