package dev.errand.web.refusal;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.loop.MonoSequel;
import dev.errand.provenance.ProvenanceLog;
import dev.errand.provenance.ProvenanceLog.LogUnavailableException;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.text.Printable;
import dev.errand.web.call.Call;
import dev.errand.web.call.Caller;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Refuses calls: counts the denial on the task, records it, logs one line, and answers with a problem document. An
 * unverified caller learns the code only; its refusals are recorded at a bounded rate and touch no task. Repetitions of a
 * proof are recorded at that rate too, since they say nothing of who sends them.
 */
public final class Answers {
    private static final Logger LOG = LoggerFactory.getLogger("dev.errand.denied");

    private static final int MAX_LOGGED = 300;

    /** Of lines that anybody can cause, by which the gateway's log bounds them. */
    private static final Marker UNVERIFIED = MarkerFactory.getMarker("unverified");

    private static final Denial USED_BEFORE =
            new Denial(DenyReason.INVALID_PROOF, "7i", "the proof was used before: sign a new one per call");

    private final String issuer;
    private final TaskStore store;
    private final ProvenanceLog log;
    private final Records records;
    private final UnverifiedRefusals unverified;
    private final CallMetrics metrics;
    private final RefusedProofs refused = new RefusedProofs(System::nanoTime);

    Answers(
            String issuer,
            TaskStore store,
            ProvenanceLog log,
            Records records,
            UnverifiedRefusals unverified,
            CallMetrics metrics) {
        this.issuer = issuer;
        this.store = store;
        this.log = log;
        this.records = records;
        this.unverified = unverified;
        this.metrics = metrics;
    }

    /**
     * Refuses a call that has not come to its step. For a verified holder the denial is counted on the task first,
     * which may find the task over, or interrupt it.
     */
    public Mono<Void> deny(ServerWebExchange exchange, Call call, Denial denial) {
        Caller caller = call.caller;
        if (caller == null) {
            return unverified
                    .record(call, denial)
                    .then(Mono.defer(() -> write(exchange, call, denial, null, null, List.of())));
        }
        TaskStep refuse = new TaskStep.Refuse(
                call.decision, caller.accounts(), caller.proof(), denial.reason(), caller.registerUntilMillis());
        Mono<Mono<Void>> refusal = store.apply(caller.taskKey(), caller.policy(), refuse)
                .flatMap(outcome -> refused(exchange, call, denial, outcome));
        return given(refusal.onErrorResume(
                StoreUnavailableException.class,
                e -> Mono.just(Mono.defer(() -> unavailable(exchange, call, e.getMessage())))));
    }

    /** Records a refusal, though the agent leaves meanwhile, and then gives the answer to it. */
    public static Mono<Void> given(Mono<Mono<Void>> refusal) {
        return MonoSequel.kept(
                refusal,
                answer ->
                        answer == null ? Mono.error(new IllegalStateException("the refusal came to nothing")) : answer);
    }

    private Mono<Mono<Void>> refused(ServerWebExchange exchange, Call call, Denial denial, TaskOutcome outcome) {
        if (outcome instanceof TaskOutcome.Denied counted) {
            return settle(exchange, call, denial, counted);
        }
        if (outcome instanceof TaskOutcome.Done) {
            return settle(exchange, call, denial, null);
        }
        return stepRefused(exchange, call, outcome);
    }

    /**
     * Refuses the call if its proof is known as used, without asking the store; null if it is not known so. For a call that
     * waits for something before its step.
     */
    public @Nullable Mono<Void> refuseRepeated(ServerWebExchange exchange, Call call) {
        Caller caller = call.caller();
        TaskOutcome outcome = store.repeated(caller.taskKey(), caller.policy(), caller.accounts(), caller.proof());
        return outcome == null ? null : given(stepRefused(exchange, call, outcome));
    }

    /** Records what a step came to that permits no call (denied, ended or replayed), and then gives the answer. */
    public Mono<Mono<Void>> stepRefused(ServerWebExchange exchange, Call call, TaskOutcome outcome) {
        if (outcome instanceof TaskOutcome.Denied denied && denied.denial() != null) {
            return settle(exchange, call, denied.denial(), denied);
        }
        if (outcome instanceof TaskOutcome.Ended ended) {
            return settle(exchange, call, over(ended), null);
        }
        if (outcome instanceof TaskOutcome.Replayed replayed) {
            return repeated(exchange, call, replayed.over() == null ? USED_BEFORE : over(replayed.over()));
        }
        throw new IllegalStateException("not a refusal: " + outcome.getClass().getSimpleName());
    }

    private static Denial over(TaskOutcome.Ended ended) {
        String why = ended.why() == null ? "" : ". " + ended.why();
        return new Denial(
                DenyReason.TASK_ENDED, null, "the task is " + ended.state().wire() + why);
    }

    /** Anybody who caught a request can repeat its proof: recorded at the rate of callers whose proof did not verify. */
    private Mono<Mono<Void>> repeated(ServerWebExchange exchange, Call call, Denial denial) {
        return unverified
                .record(call, denial)
                .thenReturn(Mono.defer(() -> write(exchange, call, denial, null, null, List.of())));
    }

    /** The gateway cannot decide: state store or provenance log unavailable. */
    public Mono<Void> unavailable(ServerWebExchange exchange, Call call, @Nullable String why) {
        return undecided(
                exchange,
                call,
                new Denial(DenyReason.DECISION_UNAVAILABLE, null, why == null ? "a dependency is unavailable" : why));
    }

    /**
     * Refuses a call that nothing was decided about. It makes no step, so that it costs little, and counts for nothing. Its
     * proof stays unused: from the second refusal on it is recorded as a repetition.
     */
    public Mono<Void> undecided(ServerWebExchange exchange, Call call, Denial denial) {
        Mono<Void> recorded = isFirst(call)
                ? log.append(records.denied(call, denial, null)).onErrorComplete(LogUnavailableException.class)
                : unverified.record(call, denial);
        return recorded.then(Mono.defer(() -> write(exchange, call, denial, null, null, List.of())));
    }

    /** Whether the caller is verified, and no refusal of its proof was recorded before. */
    private boolean isFirst(Call call) {
        return call.caller != null && refused.isFirst(call.caller.proof());
    }

    /** The call was permitted and sent, and still the upstream's answer is not passed on. */
    public Mono<Void> withheld(ServerWebExchange exchange, Call call, Denial why) {
        return write(exchange, call, why, null, null, List.of());
    }

    /** What was about to be sent is not what was decided, or the upstream's credential is missing: nothing was sent. */
    public Mono<Void> notSent(ServerWebExchange exchange, Call call, String why) {
        return write(exchange, call, new Denial(DenyReason.DECISION_UNAVAILABLE, null, why), null, null, List.of());
    }

    /**
     * Answers without a record of its own: the decision was permit, its outcome is recorded elsewhere.
     *
     * @param sent whether the upstream may have got the request
     */
    public Mono<Void> upstreamFailed(ServerWebExchange exchange, Call call, boolean timedOut, boolean sent) {
        String detail;
        if (!sent) {
            detail = timedOut ? "the upstream could not be reached in time" : "the upstream could not be reached";
        } else {
            detail = timedOut
                    ? "the upstream did not answer in time: look at the resource before you repeat"
                    : "the upstream broke off before it answered: look at the resource before you repeat";
        }
        return upstreamFailed(exchange, call, timedOut ? 504 : 502, detail);
    }

    /** As above, of an upstream whose answer has begun: what was asked for may be done. */
    public Mono<Void> answerWithheld(ServerWebExchange exchange, Call call) {
        return upstreamFailed(
                exchange,
                call,
                502,
                "the upstream answered, but its answer cannot be passed on: look at the resource before you repeat");
    }

    private Mono<Void> upstreamFailed(ServerWebExchange exchange, Call call, int status, String detail) {
        Denial denial = new Denial(DenyReason.UPSTREAM_UNAVAILABLE, null, detail);
        metrics.decided(call, denial.reason());
        return respond(exchange.getResponse(), call, denial, status, false);
    }

    private Mono<Mono<Void>> settle(
            ServerWebExchange exchange, Call call, Denial denial, TaskOutcome.@Nullable Denied counted) {
        TaskOutcome.Ending ending = counted == null ? null : counted.ending();
        Mono<Void> recorded;
        if (ending != null) {
            recorded = log.append(records.denied(call, denial, counted)).then(log.append(records.ending(call, ending)));
        } else if (isRepetition(call, counted)) {
            recorded = unverified.record(call, denial, counted);
        } else {
            recorded = log.append(records.denied(call, denial, counted));
        }
        return recorded.thenReturn(Mono.defer(() -> write(
                        exchange,
                        call,
                        denial,
                        counted == null ? null : counted.interruption(),
                        counted == null ? null : counted.rate(),
                        lacking(call, denial))))
                .onErrorResume(LogUnavailableException.class, e -> {
                    Denial unavailable = new Denial(DenyReason.DECISION_UNAVAILABLE, null, "the log is unavailable");
                    return Mono.just(Mono.defer(() -> write(exchange, call, unavailable, null, null, List.of())));
                });
    }

    /**
     * Whether the refused proof was refused before. A proof that this refusal uses up is none; what uses up no proof is an
     * ended task, and the denial of an AAT-PoP.
     */
    private boolean isRepetition(Call call, TaskOutcome.@Nullable Denied counted) {
        boolean usedUp = counted != null && !call.caller().proof().onlyWhenPermitted();
        return !usedUp && (!isFirst(call) || counted != null && counted.again());
    }

    private static List<String> lacking(Call call, Denial denial) {
        boolean scope = denial.reason() == DenyReason.NOT_GRANTED || denial.reason() == DenyReason.CONSTRAINT_VIOLATED;
        return scope ? call.lacking : List.of();
    }

    private Mono<Void> write(
            ServerWebExchange exchange,
            Call call,
            Denial denial,
            @Nullable String interruption,
            TaskOutcome.@Nullable RateAdvice rate,
            List<String> lacking) {
        metrics.decided(call, denial.reason());
        LoggingEventBuilder line = LOG.atLevel(call.countedOnly ? Level.DEBUG : Level.INFO);
        if (call.unverified) {
            line = line.addMarker(UNVERIFIED);
        }
        line.log(
                "decision={} route={} code={} step={} interrupted={} detail=\"{}\"",
                call.decision,
                call.route,
                denial.reason().code(),
                denial.step(),
                interruption != null,
                Printable.quoted(denial.detail(), MAX_LOGGED));
        ServerHttpResponse response = exchange.getResponse();
        Challenge.write(response.getHeaders(), issuer, call.route, denial, rate, lacking, call.nonce);
        return respond(response, call, denial, denial.reason().status(), interruption != null);
    }

    private Mono<Void> respond(ServerHttpResponse response, Call call, Denial denial, int status, boolean interrupted) {
        Caller caller = call.caller;
        byte[] body = Problem.body(
                issuer, denial, status, call.decision, caller == null ? null : caller.taskLabel(), interrupted);
        response.setStatusCode(HttpStatusCode.valueOf(status));
        HttpHeaders headers = response.getHeaders();
        ErrandHeaders.refused(headers, call, denial);
        headers.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        headers.setCacheControl("no-store");
        headers.setContentLength(body.length);
        if (call.method.equals("HEAD")) {
            return response.setComplete();
        }
        DataBuffer buffer = response.bufferFactory().wrap(body);
        return response.writeWith(Mono.just(buffer));
    }
}
