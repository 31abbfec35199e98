package dev.errand.task.step;

import dev.errand.bytes.Sha256;
import dev.errand.denial.Denial;
import dev.errand.task.CandidateVerdict;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.limit.Charge;
import dev.errand.task.state.CandidateState;
import dev.errand.task.state.CandidateState.Live;
import dev.errand.task.state.Task;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a candidate is told of each step, on the working copy of the task. It changes no outcome and nothing of the task but the
 * candidate's own state. A fault in judging gives the candidate's state up, and the call is counted as unjudged.
 */
final class CandidateStep {
    private CandidateStep() {}

    /**
     * The outcome of a call together with the candidate's decision. The candidate's state moves if the call may be
     * sent.
     *
     * @param outcome the decision of the running template
     */
    static TaskOutcome call(Ledger ledger, TaskStep.Call call, TaskOutcome outcome) {
        TaskPolicy candidate = ledger.policy().candidate();
        if (candidate == null) {
            // A call that no candidate sees: what was counted without it would be wrong.
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

    /** The outcome of a call that was refused before its step. The candidate says only how much it knows of the task. */
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

    /** The end of a batch: the state as it is to be stored, given up where it is too long. */
    static void close(Ledger ledger) {
        if (state(ledger) instanceof Live live && live.bytes() == null) {
            Task before = ledger.before();
            keep(ledger, live.stored(before == null ? ledger.nowMillis() : before.baseMillis()));
        }
    }

    /** A task begins: its candidate knows it from the first call on. */
    static void begin(Ledger ledger) {
        TaskPolicy candidate = ledger.policy().candidate();
        if (candidate != null) {
            keep(ledger, Live.empty(candidate, false));
        }
    }

    static void settle(Ledger ledger, TaskStep.Settle step) {
        move(
                ledger,
                live -> live.at(live.policy()
                        .sequence()
                        .settle(
                                live.sequence(),
                                step.decision(),
                                step.happened(),
                                step.returning(),
                                ledger.nowMillis())));
    }

    static void returned(Ledger ledger, TaskStep.Return step) {
        move(ledger, live -> live.at(live.policy().sequence().returned(live.sequence(), step.decision())));
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

    /** Moves the state of the step's own candidate; nothing where another one, or none, judged the task last. */
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

    /** Why the call would be refused whatever the template says: by its session, or by a bound of a token; null for neither. */
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

    /** Whether the bucket is the task's or an operation's, and not a token's. */
    private static boolean isOfTemplate(TaskStep.Call call, TaskOutcome.@Nullable RateAdvice rate) {
        return rate == null
                || rate.policy().equals(Charge.TASK)
                || call.calls().stream().anyMatch(pair -> pair.operation().id().equals(rate.policy()));
    }

    /** Whether the call exhausts a budget, or is beyond the capacity of a bucket, of the template itself. */
    private static boolean exhausts(Ledger ledger, TaskStep.Call call) {
        TaskPolicy policy = ledger.policy();
        return (policy.calls() != null
                        && ledger.calls() > policy.calls() - call.calls().size())
                || Charge.ofTemplate(policy, call.calls(), ledger::level).stream()
                        .anyMatch(charge ->
                                !charge.isObserved() && !charge.bucket().admits(charge.cost()));
    }
}
