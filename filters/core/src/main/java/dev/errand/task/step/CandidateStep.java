package dev.errand.task.step;

import dev.errand.denial.Denial;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.SequenceState;
import dev.errand.task.CandidateState;
import dev.errand.task.CandidateState.Live;
import dev.errand.task.CandidateVerdict;
import dev.errand.task.Task;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.token.Sha256;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Lets a candidate see each step, on the working copy of the task. It changes no outcome, and of the task only the
 * candidate's own state. If judging fails, the candidate stops judging the task, and the call is counted as unjudged.
 */
final class CandidateStep {
    private CandidateStep() {}

    /**
     * The outcome of a call together with the candidate's verdict. The candidate's state changes if the call may be
     * sent.
     *
     * @param outcome the decision of the running template
     */
    static TaskOutcome call(Ledger ledger, TaskStep.Call call, TaskOutcome outcome) {
        TaskPolicy candidate = ledger.policy().candidate();
        if (candidate == null) {
            // No candidate sees this call, so the state of an earlier one would be wrong from now on.
            if (outcome instanceof TaskOutcome.Permitted && !state(ledger).isNone()) {
                keep(ledger, CandidateState.NONE);
            }
            return outcome;
        }
        if (!(outcome instanceof TaskOutcome.Permitted) && !(outcome instanceof TaskOutcome.Denied)) {
            return outcome;
        }
        try {
            CandidateState state = state(ledger).of(candidate);
            if (!(state instanceof Live live)) {
                return outcome.beside(CandidateVerdict.unjudged(candidate.revision()));
            }
            if (outcome instanceof TaskOutcome.Denied denied) {
                Denial anyway = refusedAnyway(ledger, call, denied);
                if (anyway != null) {
                    return outcome.beside(CandidateVerdict.refusedAnyway(candidate.revision(), anyway, live.partial()));
                }
            }
            CandidateCall judged = new CandidateCall(ledger, live, call);
            if (outcome instanceof TaskOutcome.Permitted permitted) {
                keep(ledger, judged.sent());
                return outcome.beside(judged.verdict(permitted));
            }
            if (judged.refused() != live) {
                keep(ledger, judged.refused());
            }
            return outcome.beside(judged.verdict((TaskOutcome.Denied) outcome));
        } catch (RuntimeException fault) {
            giveUp(ledger, candidate);
            return outcome.beside(CandidateVerdict.unjudged(candidate.revision()));
        }
    }

    /** The outcome of a call that was refused before its step, with how much of the task the candidate knows. */
    static TaskOutcome refused(Ledger ledger, TaskOutcome outcome) {
        TaskPolicy candidate = ledger.policy().candidate();
        if (candidate == null || !(outcome instanceof TaskOutcome.Denied)) {
            return outcome;
        }
        boolean partial;
        try {
            partial = state(ledger).of(candidate) instanceof Live live && live.partial();
        } catch (IllegalArgumentException fault) {
            partial = true;
        }
        return outcome.beside(CandidateVerdict.before(candidate.revision(), partial));
    }

    private static CandidateState state(Ledger ledger) {
        return ledger.lists().candidate();
    }

    private static void keep(Ledger ledger, CandidateState next) {
        ledger.keep(ledger.lists().with(next));
    }

    /** Ends a batch: encodes the state, or lets the candidate stop judging if the state is too long. */
    static void close(Ledger ledger) {
        if (state(ledger) instanceof Live live && live.bytes() == null) {
            Task before = ledger.before();
            keep(ledger, live.stored(before == null ? ledger.nowMillis() : before.baseMillis()));
        }
    }

    /** Begins a task: its candidate knows the task from the first call on. */
    static void begin(Ledger ledger) {
        TaskPolicy candidate = ledger.policy().candidate();
        if (candidate != null) {
            keep(ledger, Live.empty(candidate, false));
        }
    }

    /** Applies what became of a call to the candidate's plan and rules. */
    static void move(Ledger ledger, BiFunction<SequencePolicy, SequenceState, SequenceState> change) {
        move(ledger, live -> live.at(change.apply(live.policy().sequence(), live.sequence())));
    }

    static void returned(Ledger ledger, TaskStep.Return step) {
        move(
                ledger,
                live -> live.at(live.policy()
                        .sequence()
                        .returned(
                                live.sequence(),
                                step.decision(),
                                step.values(),
                                ledger.answers(),
                                ledger.nowMillis())));
    }

    static void giveBack(Ledger ledger, TaskStep.GiveBack step) {
        move(
                ledger,
                live -> new Live(
                        live.policy(),
                        live.fingerprint(),
                        live.partial(),
                        live.untrusted(),
                        Math.max(0, live.calls() - step.cost()),
                        live.buckets(),
                        live.policy().sequence().giveBack(live.sequence(), step.decision(), ledger.nowMillis()),
                        null));
    }

    /**
     * Changes the state of the policy's candidate; does nothing if another candidate, or none, judged the task last.
     */
    private static void move(Ledger ledger, UnaryOperator<Live> change) {
        TaskPolicy candidate = ledger.policy().candidate();
        if (candidate == null) {
            return;
        }
        try {
            if (state(ledger).find(candidate) instanceof Live live) {
                keep(ledger, change.apply(live));
            }
        } catch (RuntimeException fault) {
            giveUp(ledger, candidate);
        }
    }

    private static void giveUp(Ledger ledger, TaskPolicy candidate) {
        keep(ledger, new CandidateState.Given(Sha256.fingerprint(candidate.revision())));
    }

    /**
     * The denial, if the call is refused whatever the template says: because of its session or a limit of a token;
     * otherwise null.
     */
    private static @Nullable Denial refusedAnyway(Ledger ledger, TaskStep.Call call, TaskOutcome.Denied denied) {
        Denial denial = denied.denial();
        if (denial == null) {
            return null;
        }
        boolean anyway = switch (denial.reason()) {
            case NOT_GRANTED -> true;
            case RATE_EXCEEDED -> !isOfTemplate(call, denied.rate());
            case BUDGET_EXHAUSTED -> !exhausts(ledger, call);
            default -> false;
        };
        return anyway ? denial : null;
    }

    /** Whether the bucket belongs to the task or an operation, not to a token. */
    private static boolean isOfTemplate(TaskStep.Call call, TaskOutcome.@Nullable RateAdvice rate) {
        return rate == null
                || rate.policy().equals(Charge.TASK)
                || call.calls().stream().anyMatch(pair -> pair.operation().id().equals(rate.policy()));
    }

    /** Whether the call exceeds the template's own budget, or the capacity of one of its buckets. */
    private static boolean exhausts(Ledger ledger, TaskStep.Call call) {
        TaskPolicy policy = ledger.policy();
        return (policy.calls() != null
                        && ledger.calls() > policy.calls() - call.calls().size())
                || Charge.ofTemplate(policy, call.calls(), ledger::level).stream()
                        .anyMatch(charge ->
                                !charge.isObserved() && !charge.bucket().admits(charge.cost()));
    }
}
