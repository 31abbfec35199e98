package dev.errand.web.stage;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.loop.FollowUp;
import dev.errand.loop.MonoKept;
import dev.errand.state.StoreUnavailableException;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.web.AnswerTap;
import dev.errand.web.Call;
import dev.errand.web.LineMarkers;
import dev.errand.web.NotSentException;
import dev.errand.web.Upload;
import dev.errand.web.refusal.Answers;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * What became of a permitted call: its operations happened, failed or were never sent. The outcome is recorded before the
 * answer's head goes to the agent. If the task's state cannot take the outcome, the answer is withheld: else the agent
 * would know of an operation that the plan does not have. Thread-safe.
 */
public final class Outcomes {
    private static final Logger LOG = LoggerFactory.getLogger(Outcomes.class);

    private static final String EVENTS = MediaType.TEXT_EVENT_STREAM_VALUE;

    /** The upstream answered, and the task's state could not take the outcome. */
    private static final Denial UNRECORDED = new Denial(
            DenyReason.DECISION_UNAVAILABLE,
            null,
            "the upstream answered, but its outcome could not be recorded: look at the resource before you repeat");

    /** The agent's request broke off while it was being sent on. */
    private static final Denial BROKEN = new Denial(
            DenyReason.MALFORMED_REQUEST,
            null,
            "the request's body broke off, and the upstream's connection was closed: the upstream may have got a part");

    private final Settlements settlements;
    private final Answers answers;
    private final ReturnedAnswers returned;

    Outcomes(Settlements settlements, Answers answers, ReturnedAnswers returned) {
        this.settlements = settlements;
        this.answers = answers;
        this.returned = returned;
    }

    /**
     * The upstream answered; the answer's head has not been sent on yet. The outcome is recorded even if the call is cut or its
     * agent leaves meanwhile.
     *
     * @param passedOn what follows if the answer may go to the agent; if it may not, the agent gets another answer
     */
    public Mono<Void> answered(ServerWebExchange exchange, Call.Permitted call, Mono<Void> passedOn) {
        if (call.progress().answeredNanos() != 0) {
            return passedOn;
        }
        ServerHttpResponse response = exchange.getResponse();
        HttpStatusCode status = response.getStatusCode();
        int code = status == null ? 200 : status.value();
        String type = response.getHeaders().getFirst(HttpHeaders.CONTENT_TYPE);
        call.progress().answer(type != null && type.regionMatches(true, 0, EVENTS, 0, EVENTS.length()));
        ReturnedValues tap = returned.tap(exchange, call, code);
        if (tap != null) {
            call.progress().tap(tap);
        }
        // If values of the answer are taken, the outcome is recorded later, together with the values.
        Mono<Void> recorded = tap == null ? settlements.record(call, code, false) : Mono.empty();
        Mono<TaskOutcome> state = settlements.answered(
                call, code, tap != null && tap.isKept(), response.getHeaders().getOrEmpty("Mcp-Session-Id"));
        if (state == null) {
            return MonoKept.of(recorded, nothing -> passedOn);
        }
        Answered answered = new Answered(exchange, call, passedOn);
        Mono<Denial> stored = state.mapNotNull(Outcomes::refusal)
                .onErrorReturn(StoreUnavailableException.class, UNRECORDED)
                .doOnNext(answered::withhold);
        // State and log are written at the same time; the answer waits for both.
        return MonoKept.of(Mono.whenDelayError(stored, recorded), answered);
    }

    /** The work after log and task's state took the outcome, or could not. */
    private final class Answered implements FollowUp<Void> {
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
        public Mono<Void> after(@Nullable Void nothing) {
            Denial why = refusal;
            if (why == null) {
                return passedOn;
            }
            AnswerTap tap = call.progress().tap();
            if (tap != null) {
                tap.over();
            }
            UpstreamAnswer.discard(exchange);
            return answers.withheld(exchange, call, why);
        }
    }

    /** Why the answer that begins or ends a session must not be passed on, or null. */
    private static @Nullable Denial refusal(TaskOutcome outcome) {
        if (outcome instanceof TaskOutcome.Denied denied) {
            return denied.denial();
        }
        return outcome instanceof TaskOutcome.Ended ended
                ? new Denial(DenyReason.TASK_ENDED, null, ended.told())
                : null;
    }

    /** Routing ended in an error. */
    public Mono<Void> failed(ServerWebExchange exchange, Call.Permitted call, Throwable error) {
        if (exchange.getResponse().isCommitted()) {
            return Mono.error(error);
        }
        UpstreamAnswer.discard(exchange);
        boolean sent = !call.progress().endUnsent();
        LOG.info(
                LineMarkers.VERIFIED,
                "{} failed decision={} route={} sent={} cause={}",
                error instanceof Upload.BrokenException ? "request's body" : "upstream",
                call.decision(),
                call.route(),
                sent,
                error.getClass().getSimpleName());
        // Even if the agent leaves meanwhile, the outcome is recorded, and an unsent call is given back.
        return MonoKept.of(
                sent ? settlements.unanswered(call) : settlements.giveBack(call),
                nothing -> tell(exchange, call, error, sent));
    }

    private Mono<Void> tell(ServerWebExchange exchange, Call call, Throwable error, boolean sent) {
        if (UpstreamAnswer.isBegun(exchange.getResponse())) {
            return Mono.empty();
        }
        if (error instanceof Upload.BrokenException) {
            return answers.withheld(exchange, call, BROKEN);
        }
        if (error instanceof NotSentException.EndedException ended) {
            return answers.withheld(
                    exchange, call, new Denial(DenyReason.TASK_ENDED, null, String.valueOf(ended.getMessage())));
        }
        if (error instanceof NotSentException.NotAttestedException unproven) {
            return answers.withheld(
                    exchange,
                    call,
                    new Denial(DenyReason.IDENTITY_MISMATCH, null, String.valueOf(unproven.getMessage())));
        }
        return error instanceof NotSentException
                ? answers.notSent(exchange, call, String.valueOf(error.getMessage()))
                : answers.upstreamFailed(exchange, call, timedOut(error), sent);
    }

    private static boolean timedOut(Throwable error) {
        return error instanceof TimeoutException
                || (error instanceof ResponseStatusException status
                        && status.getStatusCode().value() == 504);
    }

    /** Another gateway sends the call and shows no answer: the outcome is recorded now. Completes even if store or log are away. */
    public Mono<Void> unseen(Call.Permitted call) {
        call.progress().answer(false);
        return MonoKept.of(settlements.unseen(call), nothing -> Mono.empty());
    }

    /** The last byte of the request was handed to its connection. */
    public void handed(Call.Permitted call) {
        settlements.handed(call);
    }

    /**
     * The agent left before the upstream's answer went on. The operations of a call that was sent may still happen, so the
     * outcome is unknown.
     */
    public Mono<Void> cancelled(Call.Permitted call) {
        if (call.progress().answeredNanos() != 0) {
            return Mono.empty();
        }
        return call.progress().endUnsent() ? settlements.giveBack(call) : settlements.left(call);
    }

    /** The agent left before the step had permitted the call: records the permit, and gives it back. */
    Mono<Void> abandoned(Call.Permitted call) {
        return settlements.permit(call).then(Mono.defer(() -> settlements.giveBack(call)));
    }

    /** The store did not answer to the step of a call, which is refused; does not wait. */
    void lost(Call.Granted call, TaskPolicy policy) {
        settlements.lost(call, policy);
    }

    /** Gives back a permitted call that is not sent, even if the agent leaves, and then answers it. */
    public Mono<Void> unsent(Call.Permitted call, Supplier<Mono<Void>> answer) {
        return MonoKept.of(settlements.giveBack(call), nothing -> answer.get());
    }
}
