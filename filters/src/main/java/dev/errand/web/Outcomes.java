package dev.errand.web;

import dev.errand.provenance.ProvenanceLog;
import dev.errand.provenance.ProvenanceLog.LogUnavailableException;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * What became of a permitted call: its step happened, failed or was never sent. Recorded before the answer's head goes
 * to the agent; an outcome that cannot be recorded withholds the answer, since the plan would otherwise stand still
 * behind what the agent knows. Thread-safe.
 */
final class Outcomes {
    private static final Logger LOG = LoggerFactory.getLogger(Outcomes.class);

    private final TaskStore store;
    private final ProvenanceLog log;
    private final Records records;
    private final Answers answers;

    Outcomes(TaskStore store, ProvenanceLog log, Records records, Answers answers) {
        this.store = store;
        this.log = log;
        this.records = records;
        this.answers = answers;
    }

    /** The upstream answered; the answer's head has not been sent on yet. */
    Mono<Void> answered(ServerWebExchange exchange, Call call) {
        HttpStatusCode status = exchange.getResponse().getStatusCode();
        int code = status == null ? 200 : status.value();
        return settle(call, code < 400)
                .then(record(call, code, false))
                .onErrorResume(StoreUnavailableException.class, e -> {
                    UpstreamAnswer.discard(exchange);
                    return record(call, code, false).then(answers.unrecorded(exchange, call));
                });
    }

    /** Routing ended in an error. */
    Mono<Void> failed(ServerWebExchange exchange, Call call, Throwable error) {
        if (exchange.getResponse().isCommitted()) {
            return Mono.error(error);
        }
        UpstreamAnswer.discard(exchange);
        boolean sent = !call.endUnsent();
        LOG.info(
                "upstream failed decision={} route={} sent={} cause={}",
                call.decision,
                call.route,
                sent,
                error.getClass().getSimpleName());
        Mono<Void> outcome = sent
                ? settle(call, false)
                        .onErrorComplete(StoreUnavailableException.class)
                        .then(record(call, null, false))
                : giveBack(call);
        boolean ours = error instanceof SendDecidedFilter.DecidedDiffersException
                || error instanceof UpstreamCredentialGatewayFilterFactory.CredentialUnavailableException;
        return outcome.then(Mono.defer(() -> ours
                ? answers.notSent(exchange, call, String.valueOf(error.getMessage()))
                : answers.upstreamFailed(exchange, call, timedOut(error))));
    }

    /**
     * The agent went away before the upstream answered. What was sent may still happen, so its place is kept until the
     * response timeout gives it up.
     */
    Mono<Void> cancelled(Call call) {
        return call.endUnsent() ? giveBack(call) : record(call, null, false);
    }

    /** No byte was sent, nor will be: the step is given back, once. */
    Mono<Void> giveBack(Call call) {
        if (call.settled || !call.endUnsent()) {
            return Mono.empty();
        }
        call.settled = true;
        Call.Caller caller = call.caller();
        TaskStep giveBack = new TaskStep.GiveBack(call.decision, caller.accounts(), call.calls.size());
        return store.apply(caller.taskKey(), caller.policy(), giveBack)
                .then()
                .onErrorComplete(StoreUnavailableException.class)
                .then(record(call, null, true));
    }

    private Mono<Void> settle(Call call, boolean happened) {
        TaskOutcome.@Nullable Permitted permit = call.permit;
        if (permit == null || !permit.awaitsOutcome() || call.settled) {
            return Mono.empty();
        }
        call.settled = true;
        Call.Caller caller = call.caller();
        return store.apply(caller.taskKey(), caller.policy(), new TaskStep.Settle(call.decision, happened))
                .then();
    }

    private Mono<Void> record(Call call, @Nullable Integer status, boolean compensated) {
        return Mono.defer(() -> log.append(records.outcome(call, status, compensated)))
                .onErrorResume(LogUnavailableException.class, e -> {
                    LOG.warn("outcome not recorded decision={}: {}", call.decision, e.getMessage());
                    return Mono.empty();
                });
    }

    private static boolean timedOut(Throwable error) {
        return error instanceof TimeoutException
                || (error instanceof ResponseStatusException status
                        && status.getStatusCode().value() == 504);
    }
}
