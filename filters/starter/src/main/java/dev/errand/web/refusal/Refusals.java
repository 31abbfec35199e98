package dev.errand.web.refusal;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.fleet.TaskActivities;
import dev.errand.log.EndedBy;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.log.write.ProvenanceLog.LogUnavailableException;
import dev.errand.loop.MonoKept;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.token.Sha256;
import dev.errand.web.Call;
import dev.errand.web.CallTrace;
import dev.errand.web.Caller;
import dev.errand.web.LineMarkers;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Refuses calls: counts the denial on the task by a step of the {@link TaskStore}, records it, and then answers
 * ({@link Answers}). A denial by the step of the call is counted already. The refusals of an unverified caller are recorded
 * at a bounded rate and touch no task. Repetitions of a proof are recorded at that rate too and do not count on the task,
 * since anybody may have sent them. Thread-safe.
 */
public final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    private static final Denial USED_BEFORE =
            new Denial(DenyReason.INVALID_PROOF, "7i", "the proof was used before: sign a new one per call");

    private final TaskStore store;
    private final ProvenanceLog log;
    private final Records records;
    private final UnverifiedRefusals unverified;
    private final StartRecords starts;
    private final TaskMetrics tasks;
    private final Answers answers;
    private final TaskActivities activities;
    private final RefusedProofs refused = new RefusedProofs(System::nanoTime);

    Refusals(
            TaskStore store,
            ProvenanceLog log,
            Records records,
            UnverifiedRefusals unverified,
            StartRecords starts,
            TaskMetrics tasks,
            Answers answers,
            TaskActivities activities) {
        this.activities = activities;
        this.store = store;
        this.log = log;
        this.records = records;
        this.unverified = unverified;
        this.starts = starts;
        this.tasks = tasks;
        this.answers = answers;
    }

    /** As {@link #deny(ServerWebExchange, Call, Refusal)}, with a challenge that says the same as the denial. */
    public Mono<Void> deny(ServerWebExchange exchange, Call call, Denial why) {
        return deny(exchange, call, Refusal.of(why));
    }

    /**
     * Refuses a call before its step. For a verified holder the denial is first counted on the task. This may find the
     * task over, or interrupt it.
     */
    public Mono<Void> deny(ServerWebExchange exchange, Call call, Refusal refusal) {
        return told(denied(exchange, call, refusal));
    }

    Mono<Reply> denied(ServerWebExchange exchange, Call call, Refusal refusal) {
        Caller caller = call.caller();
        if (caller == null) {
            return asStranger(exchange, call, refusal, null);
        }
        TaskStep refuse = new TaskStep.Refuse(
                call.decision(),
                caller.accounts(),
                caller.proof(),
                refusal.why().reason(),
                call.operations(),
                asked(call),
                caller.registerUntilMillis());
        long begunNanos = System.nanoTime();
        return store.apply(caller.taskKey(), caller.policy(), refuse)
                .doOnNext(outcome -> trace(exchange, begunNanos, false))
                .doOnError(failure -> trace(exchange, begunNanos, true))
                .flatMap(outcome -> counted(exchange, call, refusal, outcome))
                .onErrorResume(
                        StoreUnavailableException.class, e -> undecidedReply(exchange, call, away(e.getMessage())));
    }

    /** What was asked, if no operation was found for it. */
    private static long asked(Call call) {
        return call.operations().isEmpty()
                ? Sha256.fingerprint(
                        call.arrived().method() + ' ' + call.arrived().rawPath())
                : 0;
    }

    private static void trace(ServerWebExchange exchange, long begunNanos, boolean failed) {
        CallTrace trace = CallTrace.find(exchange);
        if (trace != null) {
            trace.step(begunNanos, failed);
        }
    }

    /** Sends a reply when it is ready. The refusal is recorded even if the agent leaves before that. */
    public static Mono<Void> told(Mono<Reply> reply) {
        return MonoKept.of(
                reply,
                ready -> Objects.requireNonNull(ready, "the refusal came to nothing")
                        .send());
    }

    private Mono<Reply> counted(ServerWebExchange exchange, Call call, Refusal refusal, TaskOutcome outcome) {
        if (outcome instanceof TaskOutcome.Denied denied) {
            return settled(exchange, call, refusal, denied);
        }
        return outcome instanceof TaskOutcome.Done
                ? settled(exchange, call, refusal, null)
                : byStep(exchange, call, outcome, List.of());
    }

    /**
     * Refuses the call if this replica knows that its proof was used; else null. The store is not asked. For calls that wait
     * for something before their step.
     */
    public @Nullable Mono<Void> refuseRepeated(ServerWebExchange exchange, Call.Verified call) {
        Mono<Reply> repeated = repeated(exchange, call);
        return repeated == null ? null : told(repeated);
    }

    @Nullable Mono<Reply> repeated(ServerWebExchange exchange, Call.Verified call) {
        Caller caller = call.caller();
        TaskOutcome outcome = store.repeated(caller.taskKey(), caller.policy(), caller.accounts(), caller.proof());
        return outcome == null ? null : byStep(exchange, call, outcome, List.of());
    }

    /**
     * The reply to a call that the step did not permit.
     *
     * @param outcome denied, ended or replayed
     * @param lacking the operations that were not granted, where that is why
     */
    public Mono<Reply> byStep(ServerWebExchange exchange, Call call, TaskOutcome outcome, List<String> lacking) {
        if (outcome instanceof TaskOutcome.Denied denied && denied.denial() != null) {
            warn(call, denied.denial());
            return settled(exchange, call, new Refusal(answers.locating(denied), lacking, null), denied);
        }
        if (outcome instanceof TaskOutcome.Ended ended) {
            return settled(exchange, call, Refusal.of(over(ended)), null);
        }
        if (outcome instanceof TaskOutcome.Replayed replayed) {
            // Anybody who caught a request can repeat its proof.
            Denial why = replayed.over() == null ? USED_BEFORE : over(replayed.over());
            return asStranger(exchange, call, Refusal.of(why), null);
        }
        throw new IllegalStateException("not a refusal: " + outcome.getClass().getSimpleName());
    }

    /** A task that stands still until an operator settles outcomes is made visible. */
    private void warn(Call call, Denial denial) {
        if (denial.isFull()) {
            tasks.unsettled(template(call));
            LOG.warn(
                    LineMarkers.VERIFIED,
                    "too many outcomes are unknown, an operator has to settle some (POST /tasks/{}/outcomes): decision={} first={}",
                    Objects.requireNonNull(call.caller()).taskLabel(),
                    call.decision(),
                    denial.unknown().get(0));
        }
    }

    private static Denial over(TaskOutcome.Ended ended) {
        String state = ended.told();
        String why = ended.why();
        if (why == null || why.isEmpty()) {
            return new Denial(DenyReason.TASK_ENDED, null, state);
        }
        // The reason of a reaction is a sentence, that of an operator's interruption a phrase.
        return new Denial(
                DenyReason.TASK_ENDED, null, state + (Character.isUpperCase(why.charAt(0)) ? ". " : ": ") + why);
    }

    /** The gateway cannot decide: state store or provenance log unavailable. */
    public Mono<Void> unavailable(ServerWebExchange exchange, Call call, String why) {
        return undecided(exchange, call, away(why));
    }

    private static Denial away(@Nullable String why) {
        return new Denial(DenyReason.DECISION_UNAVAILABLE, null, why == null ? "a dependency is unavailable" : why);
    }

    /**
     * Refuses a call that nothing was decided about. The refusal makes no step, so it costs little and is not counted on the
     * task. The proof stays unused: from its second refusal on it is recorded as a repetition.
     */
    public Mono<Void> undecided(ServerWebExchange exchange, Call call, Denial why) {
        return told(undecidedReply(exchange, call, why));
    }

    Mono<Reply> undecidedReply(ServerWebExchange exchange, Call call, Denial why) {
        Refusal refusal = Refusal.of(why);
        return isFirst(call)
                ? log.append(records.denied(call, why, null))
                        .onErrorComplete(LogUnavailableException.class)
                        .thenReturn(new Reply(answers, exchange, call, refusal, null, Reply.Line.OWN))
                : asStranger(exchange, call, refusal, null);
    }

    /** Whether the caller is verified, and no refusal of its proof was recorded before. */
    private boolean isFirst(Call call) {
        Caller caller = call.caller();
        return caller != null && refused.isFirst(caller.proof());
    }

    private Mono<Reply> asStranger(
            ServerWebExchange exchange, Call call, Refusal refusal, TaskOutcome.@Nullable Denied counted) {
        UnverifiedRefusals.Taken taken = unverified.take(call, refusal.why(), counted);
        return taken.recorded().thenReturn(new Reply(answers, exchange, call, refusal, counted, taken.line()));
    }

    private Mono<Reply> settled(
            ServerWebExchange exchange, Call call, Refusal refusal, TaskOutcome.@Nullable Denied counted) {
        TaskOutcome.Ending ending = counted == null ? null : counted.ending();
        if (counted != null && counted.progress().begun()) {
            starts.begun(Objects.requireNonNull(call.caller())).subscribe();
        }
        if (ending == null && isRepetition(call, counted)) {
            return asStranger(exchange, call, refusal.showing(null), counted);
        }
        TaskOutcome.Asked asked = counted == null ? null : counted.asked();
        if (counted != null && asked != null && counted.waits()) {
            return waiting(exchange, call, refusal, counted, asked);
        }
        note(call, refusal.why().reason());
        Mono<Void> recorded = log.append(records.denied(call, refusal.why(), counted));
        if (ending != null) {
            recorded = recorded.then(log.append(records.ended(call, ending)));
            tasks.ended(template(call), EndedBy.POLICY);
        }
        return replied(
                recorded,
                exchange,
                call,
                // The line of the opened request tells of this call, too.
                new Reply(answers, exchange, call, refusal, counted, asked == null ? Reply.Line.OWN : Reply.Line.NONE));
    }

    /** Answers a call that met a request for approval that was open already. It waits: this is no denial. */
    private Mono<Reply> waiting(
            ServerWebExchange exchange,
            Call call,
            Refusal refusal,
            TaskOutcome.Denied counted,
            TaskOutcome.Asked asked) {
        Objects.requireNonNull(call.caller())
                .note(activities, call.operations(), refusal.why().reason(), true);
        Mono<Void> recorded =
                asked.counted() == 0 ? Mono.empty() : log.append(records.denied(call, refusal.why(), counted));
        return replied(recorded, exchange, call, new Reply(answers, exchange, call, refusal, counted, Reply.Line.NONE));
    }

    /** The reply once its record is written; if the log is away, the reply that says so. */
    private Mono<Reply> replied(Mono<Void> recorded, ServerWebExchange exchange, Call call, Reply reply) {
        return recorded.thenReturn(reply)
                .onErrorReturn(
                        LogUnavailableException.class,
                        new Reply(
                                answers,
                                exchange,
                                call,
                                Refusal.of(away("the log is unavailable")),
                                null,
                                Reply.Line.OWN));
    }

    /** Notes the denial for the fleet, except for a task that is over: its calls must not bring it back into the index. */
    private void note(Call call, DenyReason reason) {
        if (reason != DenyReason.TASK_ENDED) {
            Objects.requireNonNull(call.caller()).note(activities, call.operations(), reason, false);
        }
    }

    private static String template(Call call) {
        return Objects.requireNonNull(call.caller()).policy().template();
    }

    /**
     * Whether the proof was refused before. If this refusal used the proof up, it was not. A refusal because the task ended,
     * and the denial of an AAT-PoP, use up no proof.
     */
    private boolean isRepetition(Call call, TaskOutcome.@Nullable Denied counted) {
        Caller caller = Objects.requireNonNull(call.caller());
        boolean usedUp = counted != null && !caller.proof().onlyWhenPermitted();
        return !usedUp && (!isFirst(call) || counted != null && counted.again());
    }
}
