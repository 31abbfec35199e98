package dev.errand.task.step;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.limit.BucketLevel;
import dev.errand.sequence.SequenceState;
import dev.errand.task.CandidateState.Live;
import dev.errand.task.CandidateVerdict;
import dev.errand.task.CandidateVerdict.Reach;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One call, judged by a candidate from its own state: by its budget, buckets, plan, rules and flow, in the order in
 * which a template judges (CONTRACT.md section 4). {@link #sent} counts a sent call even if the candidate objects to
 * it. Not thread-safe; used within one step.
 */
final class CandidateCall {
    private final Live state;
    private final TaskPolicy policy;
    private final TaskStep.Call call;
    private final long nowMillis;
    private final BucketLevels buckets;
    /** Plan and rules before the call, after calls without an outcome for too long were counted as failed. */
    private final SequenceState before;

    private final Judgement judged;
    /** The objections of budgets and buckets, in their order. */
    private final List<Refusal> limits = new ArrayList<>(0);
    /** The objections that are only observed. */
    private final List<Refusal> observed = new ArrayList<>(0);

    CandidateCall(Ledger ledger, Live state, TaskStep.Call call) {
        this.state = state;
        this.policy = state.policy();
        this.call = call;
        this.nowMillis = ledger.nowMillis();
        this.buckets = new BucketLevels(policy, state.buckets(), nowMillis);
        budget();
        take();
        before = policy.sequence().expire(state.sequence(), nowMillis);
        judged = Judgement.of(policy, before, ledger.answers(), state.untrusted(), call, nowMillis);
        if (policy.observe()) {
            observed.addAll(judged.violations());
        }
        observed.addAll(judged.observed());
    }

    private void addLimit(Refusal refusal, boolean onlyObserved) {
        (policy.observe() || onlyObserved ? observed : limits).add(refusal);
    }

    private void budget() {
        int cost = call.calls().size();
        if (policy.calls() != null && state.calls() > policy.calls() - cost) {
            addLimit(CallBudgets.ofTask(policy, cost), false);
        }
    }

    private void take() {
        Refusal worst = null;
        for (Charge charge : Charge.ofTemplate(policy, call.calls(), buckets::get)) {
            if (!charge.bucket().admits(charge.cost())) {
                addLimit(Refusal.beyondCapacity(charge, policy.reactions()), charge.isObserved());
                continue;
            }
            BucketLevel level = charge.bucket().consume(charge.level(), charge.cost(), nowMillis);
            if (level != null) {
                buckets.put(charge.key(), level);
                continue;
            }
            Refusal refusal = Refusal.rate(charge.advice(nowMillis), policy.reactions());
            if (policy.observe() || charge.isObserved()) {
                observed.add(refusal);
            } else if (worst == null || refusal.waits().compareTo(worst.waits()) > 0) {
                worst = refusal;
            }
        }
        if (worst != null) {
            limits.add(worst);
        }
    }

    /** The candidate's decision if the running template permits the call. */
    CandidateVerdict verdict(TaskOutcome.Permitted running) {
        return verdict(running.used() != null, null);
    }

    /** The candidate's decision if the running template refuses the call. */
    CandidateVerdict verdict(TaskOutcome.Denied running) {
        Denial denial = running.denial();
        return verdict(false, denial != null && denial.reason() == DenyReason.APPROVAL_REFUSED ? denial : null);
    }

    /**
     * @param approved whether a human approved the call
     * @param refused the denial because a human refused the call, or null
     */
    private CandidateVerdict verdict(boolean approved, @Nullable Denial refused) {
        if (policy.observe()) {
            return permit(whatIsObserved());
        }
        Refusal first = limits.isEmpty() ? judged.refusal() : limits.get(0);
        if (first != null) {
            return deny(first.denial());
        }
        if (judged.objections().isEmpty() || approved) {
            return permit(observed.isEmpty() ? null : observed.get(0).denial());
        }
        Denial asks = judged.objections().get(0).denial();
        String why = judged.objections().get(0).said();
        return deny(
                refused != null
                        ? refused
                        : Refusal.approvalRequired("A human would be asked: " + why, asks.rule())
                                .denial());
    }

    /**
     * In observe mode: the first objection that would have refused the call, otherwise that humans would have been
     * asked.
     */
    private @Nullable Denial whatIsObserved() {
        for (Refusal each : observed) {
            if (policy.ask() == null || !each.asks()) {
                return each.denial();
            }
        }
        String always = judged.asksAlways();
        if (observed.isEmpty() && always == null) {
            return null;
        }
        String why = observed.isEmpty()
                ? String.valueOf(always)
                : observed.get(0).denial().detail();
        String rule = observed.isEmpty() ? null : observed.get(0).denial().rule();
        return Refusal.approvalRequired("A human would have been asked: " + why, rule)
                .denial();
    }

    private CandidateVerdict permit(@Nullable Denial onlyObserved) {
        return new CandidateVerdict(
                policy.revision(), Reach.STEP, true, onlyObserved, state.partial(), judged.awaited());
    }

    private CandidateVerdict deny(Denial why) {
        return new CandidateVerdict(policy.revision(), Reach.STEP, false, why, state.partial(), judged.awaited());
    }

    /** The candidate's state after a refused call; as under a template, only time changes it. */
    Live refused() {
        return limits.isEmpty() ? state.at(before) : state;
    }

    /** The candidate's state after the call was sent. */
    Live sent() {
        boolean taints = policy.flow() != TaskPolicy.Flow.OFF
                && call.calls().stream().anyMatch(pair -> pair.operation().yieldsUntrusted());
        return new Live(
                policy,
                state.fingerprint(),
                state.partial(),
                state.untrusted() || taints,
                state.calls() + call.calls().size(),
                buckets.close(),
                judged.next(),
                null);
    }
}
