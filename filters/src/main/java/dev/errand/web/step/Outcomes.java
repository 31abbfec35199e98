package dev.errand.web.step;

import dev.errand.delegation.DelegationToken;
import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.loop.MonoSequel;
import dev.errand.loop.Sequel;
import dev.errand.operation.jsonrpc.McpHeaders;
import dev.errand.operation.jsonrpc.McpSessions;
import dev.errand.provenance.ProvenanceLog;
import dev.errand.provenance.ProvenanceLog.LogUnavailableException;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.SessionId;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.web.answer.UpstreamAnswer;
import dev.errand.web.body.Upload;
import dev.errand.web.call.Call;
import dev.errand.web.call.Caller;
import dev.errand.web.call.NotSentException;
import dev.errand.web.refusal.Answers;
import dev.errand.web.refusal.Records;
import java.util.Locale;
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

/**
 * What became of a permitted call: its step happened, failed or was never sent. Recorded before the answer's head goes
 * to the agent; an outcome that cannot be recorded withholds the answer, since the plan would otherwise stand still
 * behind what the agent knows. Thread-safe.
 */
public final class Outcomes {
    private static final Logger LOG = LoggerFactory.getLogger(Outcomes.class);

    /** The upstream answered, and the plan does not know it. */
    private static final Denial UNRECORDED = new Denial(
            DenyReason.DECISION_UNAVAILABLE,
            null,
            "the upstream answered, but its outcome could not be recorded: look at the resource before you repeat");

    /** The agent's request broke off while it was being sent on. */
    private static final Denial BROKEN = new Denial(
            DenyReason.MALFORMED_REQUEST,
            null,
            "the request's body broke off, and the upstream's connection was closed: the upstream may have got a part");

    private final TaskStore store;
    private final ProvenanceLog log;
    private final Records records;
    private final Answers answers;

    public Outcomes(TaskStore store, ProvenanceLog log, Records records, Answers answers) {
        this.store = store;
        this.log = log;
        this.records = records;
        this.answers = answers;
    }

    /**
     * The upstream answered; the answer's head has not been sent on yet. What the upstream did is recorded even if the call
     * is cut or its agent leaves meanwhile.
     *
     * @param passedOn what follows where the answer may be sent on; where not, the agent is answered otherwise
     */
    public Mono<Void> answered(ServerWebExchange exchange, Call call, Mono<Void> passedOn) {
        if (call.answeredNanos != 0) {
            return passedOn;
        }
        HttpStatusCode status = exchange.getResponse().getStatusCode();
        int code = status == null ? 200 : status.value();
        call.answeredNanos = System.nanoTime();
        String type = exchange.getResponse().getHeaders().getFirst(HttpHeaders.CONTENT_TYPE);
        call.eventStream = type != null && type.toLowerCase(Locale.ROOT).startsWith(MediaType.TEXT_EVENT_STREAM_VALUE);
        Mono<Void> recorded = record(call, code, false);
        TaskStep settlement = settlement(call, code < 400);
        TaskStep session = session(exchange, call, code);
        Answered answered = new Answered(exchange, call, passedOn);
        if (settlement == null && session == null) {
            return MonoSequel.kept(recorded, answered);
        }
        Mono<Denial> stored = step(call, settlement)
                .then(step(call, session))
                .mapNotNull(Outcomes::refusal)
                .onErrorResume(StoreUnavailableException.class, e -> Mono.just(UNRECORDED))
                .doOnNext(answered::withhold);
        // Neither waits for the other; the answer waits for both.
        return MonoSequel.kept(Mono.whenDelayError(stored, recorded), answered);
    }

    /** The outcome is recorded, or cannot be. */
    private final class Answered implements Sequel<Object> {
        private final ServerWebExchange exchange;
        private final Call call;
        private final Mono<Void> passedOn;
        private volatile @Nullable Denial refusal;

        Answered(ServerWebExchange exchange, Call call, Mono<Void> passedOn) {
            this.exchange = exchange;
            this.call = call;
            this.passedOn = passedOn;
        }

        void withhold(Denial why) {
            refusal = why;
        }

        @Override
        public Mono<Void> after(@Nullable Object nothing) {
            Denial why = refusal;
            if (why == null) {
                return passedOn;
            }
            UpstreamAnswer.discard(exchange);
            return answers.withheld(exchange, call, why).onErrorResume(this::failed);
        }

        @Override
        public Mono<Void> failed(Throwable error) {
            return Outcomes.this.failed(exchange, call, error);
        }
    }

    /** What an answer does to MCP sessions, or null. */
    private static @Nullable TaskStep session(ServerWebExchange exchange, Call call, int status) {
        String sessionsOf = call.sessionsOf;
        if (sessionsOf == null || status >= 400) {
            return null;
        }
        SessionId given = McpHeaders.session(exchange.getResponse().getHeaders().getOrEmpty("Mcp-Session-Id"))
                .map(id -> SessionId.of(sessionsOf, id))
                .orElse(null);
        if (call.session != null && McpSessions.isEnd(call.calls)) {
            return new TaskStep.EndSession(call.session);
        }
        if (given == null || given.equals(call.session)) {
            return null;
        }
        return new TaskStep.ReceiveSession(
                call.caller().chain().tokens().stream().map(DelegationToken::id).toList(), given);
    }

    /** Why the answer that begins or ends a session must not be passed on, or null. */
    private static @Nullable Denial refusal(TaskOutcome outcome) {
        if (outcome instanceof TaskOutcome.Denied denied) {
            return denied.denial();
        }
        return outcome instanceof TaskOutcome.Ended ended
                ? new Denial(
                        DenyReason.TASK_ENDED,
                        null,
                        "the task is " + ended.state().wire())
                : null;
    }

    /** Routing ended in an error. */
    public Mono<Void> failed(ServerWebExchange exchange, Call call, Throwable error) {
        if (exchange.getResponse().isCommitted()) {
            return Mono.error(error);
        }
        UpstreamAnswer.discard(exchange);
        boolean sent = !call.endUnsent();
        boolean broken = error instanceof Upload.BrokenException;
        LOG.info(
                "{} failed decision={} route={} sent={} cause={}",
                broken ? "request's body" : "upstream",
                call.decision,
                call.route,
                sent,
                error.getClass().getSimpleName());
        Mono<Void> outcome = sent
                ? step(call, settlement(call, false))
                        .then()
                        .onErrorComplete(StoreUnavailableException.class)
                        .then(record(call, null, false))
                : giveBack(call);
        boolean ours = error instanceof NotSentException;
        // Though the agent leaves meanwhile: what was taken for the call is given back, and its outcome recorded.
        return MonoSequel.kept(outcome, nothing -> {
            if (UpstreamAnswer.isBegun(exchange.getResponse())) {
                return Mono.empty();
            }
            if (broken) {
                return answers.withheld(exchange, call, BROKEN);
            }
            return ours
                    ? answers.notSent(exchange, call, String.valueOf(error.getMessage()))
                    : answers.upstreamFailed(exchange, call, timedOut(error), sent);
        });
    }

    /**
     * The agent went away before the upstream answered. What was sent may still happen, so its place is kept until the
     * response timeout gives it up.
     */
    public Mono<Void> cancelled(Call call) {
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
    public Mono<Void> giveBack(Call call) {
        if (call.settled || !call.endUnsent()) {
            return Mono.empty();
        }
        call.settled = true;
        return step(call, new TaskStep.GiveBack(call.decision, call.caller().accounts(), call.calls.size()))
                .then()
                .onErrorComplete(StoreUnavailableException.class)
                .then(record(call, null, true));
    }

    /** What the outcome means for the call's place in its task's plan, once; null if the plan does not wait for it. */
    private static @Nullable TaskStep settlement(Call call, boolean happened) {
        TaskOutcome.@Nullable Permitted permit = call.permit;
        if (permit == null || !permit.awaitsOutcome() || call.settled) {
            return null;
        }
        call.settled = true;
        return new TaskStep.Settle(call.decision, happened);
    }

    private Mono<TaskOutcome> step(Call call, @Nullable TaskStep step) {
        if (step == null) {
            return Mono.empty();
        }
        Caller caller = call.caller();
        return store.apply(caller.taskKey(), caller.policy(), step);
    }

    private Mono<Void> record(Call call, @Nullable Integer status, boolean compensated) {
        Mono<Void> appended = Mono.defer(
                () -> call.beginOutcome() ? log.append(records.outcome(call, status, compensated)) : Mono.empty());
        return MonoSequel.on(call.loop, appended, new Sequel<Object>() {
            @Override
            public Mono<Void> after(@Nullable Object nothing) {
                return Mono.empty();
            }

            @Override
            public Mono<Void> failed(Throwable error) {
                if (!(error instanceof LogUnavailableException)) {
                    return Mono.error(error);
                }
                LOG.warn("outcome not recorded decision={}: {}", call.decision, error.getMessage());
                return Mono.empty();
            }
        });
    }

    private static boolean timedOut(Throwable error) {
        return error instanceof TimeoutException
                || (error instanceof ResponseStatusException status
                        && status.getStatusCode().value() == 504);
    }
}
