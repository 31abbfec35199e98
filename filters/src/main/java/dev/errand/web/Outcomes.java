package dev.errand.web;

import dev.errand.delegation.DelegationToken;
import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.loop.Continuation;
import dev.errand.operation.jsonrpc.McpHeaders;
import dev.errand.operation.jsonrpc.McpSessions;
import dev.errand.provenance.ProvenanceLog;
import dev.errand.provenance.ProvenanceLog.LogUnavailableException;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.SessionId;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.util.function.Tuple2;

/**
 * What became of a permitted call: its step happened, failed or was never sent. Recorded before the answer's head goes
 * to the agent; an outcome that cannot be recorded withholds the answer, since the plan would otherwise stand still
 * behind what the agent knows. Thread-safe.
 */
final class Outcomes {
    private static final Logger LOG = LoggerFactory.getLogger(Outcomes.class);

    /** The upstream answered, and the plan does not know it. */
    private static final Denial UNRECORDED = new Denial(
            DenyReason.DECISION_UNAVAILABLE,
            null,
            "the upstream answered, but its outcome could not be recorded: look at the resource before you repeat");

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

    /**
     * The upstream answered; the answer's head has not been sent on yet.
     *
     * @return whether it may be sent on; if not, the agent has been answered otherwise
     */
    Mono<Boolean> answered(ServerWebExchange exchange, Call call) {
        if (call.answeredNanos != 0) {
            return Mono.just(true);
        }
        HttpStatusCode status = exchange.getResponse().getStatusCode();
        int code = status == null ? 200 : status.value();
        call.answeredNanos = System.nanoTime();
        String type = exchange.getResponse().getHeaders().getFirst(HttpHeaders.CONTENT_TYPE);
        call.eventStream = type != null && type.toLowerCase(Locale.ROOT).startsWith(MediaType.TEXT_EVENT_STREAM_VALUE);
        Mono<Optional<Denial>> settled = settle(call, code < 400)
                .then(session(exchange, call, code))
                .onErrorResume(StoreUnavailableException.class, e -> Mono.just(UNRECORDED))
                .map(Optional::of)
                .defaultIfEmpty(Optional.empty());
        // Neither waits for the other; the answer waits for both.
        Mono<Optional<Denial>> recorded = Mono.zipDelayError(
                        settled, record(call, code, false).thenReturn(true))
                .map(Tuple2::getT1)
                .contextWrite(context -> Continuation.on(call.loop, context));
        // Not to be cancelled: what the upstream did is recorded even if the call is cut or its agent leaves meanwhile.
        return Mono.fromFuture(recorded.toFuture(), true).flatMap(refused -> {
            if (refused.isEmpty()) {
                return Mono.just(true);
            }
            UpstreamAnswer.discard(exchange);
            return answers.withheld(exchange, call, refused.get()).thenReturn(false);
        });
    }

    /** What an answer does to MCP sessions; why it must not be passed on, or empty. */
    private Mono<Denial> session(ServerWebExchange exchange, Call call, int status) {
        String sessionsOf = call.sessionsOf;
        if (sessionsOf == null || status >= 400) {
            return Mono.empty();
        }
        SessionId given = McpHeaders.session(exchange.getResponse().getHeaders().getOrEmpty("Mcp-Session-Id"))
                .map(id -> SessionId.of(sessionsOf, id))
                .orElse(null);
        Call.Caller caller = call.caller();
        TaskStep step;
        if (call.session != null && McpSessions.isEnd(call.calls)) {
            step = new TaskStep.EndSession(call.session);
        } else if (given != null && !given.equals(call.session)) {
            step = new TaskStep.ReceiveSession(
                    caller.chain().tokens().stream().map(DelegationToken::id).toList(), given);
        } else {
            return Mono.empty();
        }
        return store.apply(caller.taskKey(), caller.policy(), step)
                .mapNotNull(outcome -> outcome instanceof TaskOutcome.Denied denied
                        ? denied.denial()
                        : outcome instanceof TaskOutcome.Ended ended
                                ? new Denial(
                                        DenyReason.TASK_ENDED,
                                        null,
                                        "the task is " + ended.state().wire())
                                : null);
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
        return outcome.then(Mono.defer(() -> {
            if (UpstreamAnswer.isBegun(exchange.getResponse())) {
                return Mono.empty();
            }
            return ours
                    ? answers.notSent(exchange, call, String.valueOf(error.getMessage()))
                    : answers.upstreamFailed(exchange, call, timedOut(error));
        }));
    }

    /**
     * The agent went away before the upstream answered. What was sent may still happen, so its place is kept until the
     * response timeout gives it up.
     */
    Mono<Void> cancelled(Call call) {
        if (call.answeredNanos != 0) {
            return Mono.empty();
        }
        return call.endUnsent() ? giveBack(call) : record(call, null, false);
    }

    /** The agent left while the step was being made that permits the call: it is recorded, and given back. */
    Mono<Void> abandoned(Call call, TaskOutcome.Permitted permit) {
        return log.append(records.permitted(call, permit))
                .onErrorComplete(LogUnavailableException.class)
                .then(Mono.defer(() -> giveBack(call)));
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
        return Mono.defer(() ->
                        call.beginOutcome() ? log.append(records.outcome(call, status, compensated)) : Mono.empty())
                .publishOn(call.loop)
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
