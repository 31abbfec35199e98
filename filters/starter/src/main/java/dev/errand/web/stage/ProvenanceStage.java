package dev.errand.web.stage;

import dev.errand.log.write.ProvenanceLog;
import dev.errand.log.write.ProvenanceLog.LogUnavailableException;
import dev.errand.loop.EndOfTurn;
import dev.errand.loop.FollowUp;
import dev.errand.loop.MonoKept;
import dev.errand.upstream.Echo;
import dev.errand.web.Call;
import dev.errand.web.refusal.Answers;
import dev.errand.web.refusal.CallMetrics;
import dev.errand.web.refusal.ErrandHeaders;
import dev.errand.web.refusal.Records;
import dev.errand.web.refusal.Refusals;
import dev.errand.web.refusal.TaskMetrics;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * The provenance stage: records the permit, passes the call on to the next filters, and tells {@link Outcomes} its
 * outcome. No call is forwarded before its permit is in the log. No answer goes to the agent before its outcome is in
 * the task's state. Thread-safe.
 */
final class ProvenanceStage {
    private static final Logger LOG = LoggerFactory.getLogger(ProvenanceStage.class);

    private static final long PAUSE_NANOS = Duration.ofSeconds(10).toNanos();

    private final AtomicLong warnedNanos = new AtomicLong(System.nanoTime() - PAUSE_NANOS);
    private final ProvenanceLog log;
    private final Records records;
    private final UpstreamHeaders upstreamHeaders;
    private final Outcomes outcomes;
    private final Refusals refusals;
    private final Answers answers;
    private final CallMetrics metrics;
    private final TaskMetrics tasks;

    ProvenanceStage(
            ProvenanceLog log,
            Records records,
            UpstreamHeaders upstreamHeaders,
            Outcomes outcomes,
            Refusals refusals,
            Answers answers,
            CallMetrics metrics,
            TaskMetrics tasks) {
        this.log = log;
        this.records = records;
        this.upstreamHeaders = upstreamHeaders;
        this.outcomes = outcomes;
        this.refusals = refusals;
        this.answers = answers;
        this.metrics = metrics;
        this.tasks = tasks;
    }

    Mono<Void> filter(Call.Permitted call, ServerWebExchange exchange, GatewayFilterChain chain, boolean send) {
        Signing signing = send ? new Signing(upstreamHeaders, call) : null;
        if (signing != null) {
            EndOfTurn.of(call.loop()).afterwards(signing);
        }
        // What follows runs on the call's own loop. On the thread that writes the log it would delay other records.
        // A permit has an outcome even if the agent leaves or the call is cut.
        return MonoKept.on(
                        call.loop(), log.append(records.permitted(call)), new Recorded(call, exchange, chain, signing))
                .doOnCancel(() -> outcomes.cancelled(call).subscribe());
    }

    /** Logs why records cannot be written: the log is away, which other lines say too, or it is behind with writing. */
    private void warn(Throwable error) {
        long now = System.nanoTime();
        long last = warnedNanos.get();
        if (now - last >= PAUSE_NANOS && warnedNanos.compareAndSet(last, now)) {
            LOG.warn("provenance log unavailable, calls are refused: {}", error.getMessage());
        }
    }

    /** The work after the permit's record was written or failed. */
    private final class Recorded implements FollowUp<Void> {
        private final Call.Permitted call;
        private final ServerWebExchange exchange;
        private final GatewayFilterChain chain;
        private final @Nullable Signing signing;

        Recorded(Call.Permitted call, ServerWebExchange exchange, GatewayFilterChain chain, @Nullable Signing signing) {
            this.call = call;
            this.exchange = exchange;
            this.chain = chain;
            this.signing = signing;
        }

        @Override
        public Mono<Void> after(@Nullable Void nothing) {
            Map<String, String> headers = signing == null ? Map.of() : signing.headers();
            if (headers == null) {
                return unsigned();
            }
            if (!tasks.wouldDeny(call)) {
                metrics.decided(call, null);
            }
            new Call.Forwarded(call, headers, Set.of(), null, null, Echo.OFF).attachTo(exchange);
            ErrandHeaders.permitted(exchange.getResponse().getHeaders(), call);
            metrics.upstreamBegins(exchange);
            long begunNanos = System.nanoTime();
            return chain.filter(exchange)
                    .then(Mono.defer(() -> routed(begunNanos)))
                    .onErrorResume(error -> outcomes.failed(exchange, call, error))
                    .doOnSuccess(nothingElse -> ended());
        }

        private Mono<Void> unsigned() {
            LOG.error(
                    "call refused decision={}: it could not be signed",
                    call.decision(),
                    signing == null ? null : signing.failure());
            return outcomes.unsent(
                    call,
                    () -> answers.notSent(
                            exchange, call, "the gateway could not sign the call; its log has the reason"));
        }

        /** The upstream answered. */
        private Mono<Void> routed(long begunNanos) {
            if (!ServerWebExchangeUtils.isAlreadyRouted(exchange)) {
                return Mono.error(new NotRoutedException());
            }
            if (call.progress().socket() == null) {
                metrics.upstreamTook(exchange, begunNanos);
            }
            return outcomes.answered(exchange, call, Mono.empty());
        }

        private void ended() {
            if (call.progress().socket() == null) {
                metrics.callTook(call);
            }
        }

        @Override
        public Mono<Void> failed(Throwable error) {
            if (!(error instanceof LogUnavailableException)) {
                return Mono.error(error);
            }
            warn(error);
            return outcomes.unsent(
                    call, () -> refusals.unavailable(exchange, call, "the provenance log is unavailable"));
        }
    }

    /** No filter sends to the scheme of the route's {@code uri}, so the call was not sent. */
    private static final class NotRoutedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotRoutedException() {
            super("no filter routes to the scheme of the route's uri", null, false, false);
        }
    }
}
