package dev.errand.web.record;

import dev.errand.loop.EndOfTurn;
import dev.errand.loop.MonoSequel;
import dev.errand.loop.Sequel;
import dev.errand.provenance.ProvenanceLog;
import dev.errand.provenance.ProvenanceLog.LogUnavailableException;
import dev.errand.provenance.ProvenanceRecord;
import dev.errand.web.call.Call;
import dev.errand.web.refusal.Answers;
import dev.errand.web.refusal.CallMetrics;
import dev.errand.web.refusal.ErrandHeaders;
import dev.errand.web.refusal.Records;
import dev.errand.web.step.Outcomes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.Exceptions;
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
        Signing signing = send ? new Signing(call) : null;
        if (signing != null) {
            EndOfTurn.of(call.loop).afterwards(signing);
        }
        ProvenanceRecord.Decision permitted = records.permitted(call, call.permit);
        // What follows is the call's own work: on the thread that wrote it would hold up every other call's record.
        return MonoSequel.on(call.loop, log.append(permitted), new Recorded(exchange, chain, call, signing));
    }

    /**
     * What the upstream is told of the call, signed at the end of the turn, behind what others are given to do there and may do
     * meanwhile. It is done before the log's answer comes to its turn because it is put behind the turn's end before the permit
     * goes to the log.
     */
    private final class Signing implements Runnable {
        private final Call call;
        private boolean done;
        private @Nullable Throwable failure;

        Signing(Call call) {
            this.call = call;
        }

        @Override
        public void run() {
            try {
                upstreamHeaders.write(call);
                done = true;
            } catch (Throwable e) {
                Exceptions.throwIfFatal(e);
                failure = e;
            }
        }
    }

    /** The permit is in the log, or cannot be. Whenever the agent leaves or the call is cut, it has an outcome all the same. */
    private final class Recorded implements Sequel<Object> {
        private final ServerWebExchange exchange;
        private final GatewayFilterChain chain;
        private final Call call;
        private final @Nullable Signing signing;

        Recorded(ServerWebExchange exchange, GatewayFilterChain chain, Call call, @Nullable Signing signing) {
            this.exchange = exchange;
            this.chain = chain;
            this.call = call;
            this.signing = signing;
        }

        @Override
        public Mono<Void> after(@Nullable Object nothing) {
            if (signing != null && !signing.done) {
                LOG.error("call refused decision={}: it could not be signed", call.decision, signing.failure);
                return MonoSequel.kept(
                        outcomes.giveBack(call),
                        given -> answers.notSent(
                                exchange, call, "the gateway could not sign the call; its log has the reason"));
            }
            metrics.decided(call, null);
            call.forwarded = true;
            ErrandHeaders.permitted(exchange.getResponse().getHeaders(), call);
            return MonoSequel.of(chain.filter(exchange), new Routed(exchange, call, System.nanoTime()));
        }

        @Override
        public Mono<Void> failed(Throwable error) {
            if (!(error instanceof LogUnavailableException)) {
                return Mono.error(error);
            }
            LOG.warn("provenance log unavailable, call refused: {}", error.getMessage());
            return MonoSequel.kept(
                    outcomes.giveBack(call),
                    nothing -> answers.unavailable(exchange, call, "the provenance log is unavailable"));
        }

        @Override
        public void completed() {
            if (call.forwarded && !call.upgraded) {
                metrics.callTook(call);
            }
        }

        @Override
        public void cancelled() {
            outcomes.cancelled(call).subscribe();
        }
    }

    /** Routing is over: the upstream answered, or could not. */
    private final class Routed implements Sequel<Object> {
        private final ServerWebExchange exchange;
        private final Call call;
        private final long begunNanos;

        Routed(ServerWebExchange exchange, Call call, long begunNanos) {
            this.exchange = exchange;
            this.call = call;
            this.begunNanos = begunNanos;
        }

        @Override
        public Mono<Void> after(@Nullable Object nothing) {
            if (!ServerWebExchangeUtils.isAlreadyRouted(exchange)) {
                return failed(new NotRoutedException());
            }
            if (!call.upgraded) {
                metrics.upstreamTook(System.nanoTime() - begunNanos);
            }
            return outcomes.answered(exchange, call, Mono.empty());
        }

        @Override
        public Mono<Void> failed(Throwable error) {
            return outcomes.failed(exchange, call, error);
        }
    }

    /** No filter sends what the route's {@code uri} has for a scheme; a call that was not sent never happened. */
    private static final class NotRoutedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotRoutedException() {
            super("no filter routes to the scheme of the route's uri", null, false, false);
        }
    }
}
