package dev.errand.task.step;

import dev.errand.operation.Effect;
import dev.errand.operation.OperationCall;
import dev.errand.sequence.Awaited;
import dev.errand.sequence.Move;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.SequenceState;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskPolicy.Flow;
import dev.errand.task.TaskStep;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What plan, rules and flow of a policy say of one call. This is the one place where they are judged: the step enforces
 * the objections, a candidate compares them, and an approval binds them. Pure.
 *
 * @param objections all objections in their order: plan, rules, flow, and last that humans are asked about every call of
 *     the operation
 * @param observed the objections of rules and flow that are only observed
 * @param fits whether plan and rules object to nothing
 * @param next plan and rules with the call's places taken
 * @param awaited what plan and rules must be told of the call
 * @param asking whether the policy asks humans
 */
record Judgement(
        List<Refusal> objections,
        List<Refusal> observed,
        boolean fits,
        SequenceState next,
        Awaited awaited,
        boolean asking) {
    /**
     * Judges a call.
     *
     * @param standing plan and rules before the call
     * @param answers the values that answers returned to the task
     * @param untrusted whether untrusted content has reached the task
     */
    static Judgement of(
            TaskPolicy policy,
            SequenceState standing,
            AnswerValues answers,
            boolean untrusted,
            TaskStep.Call call,
            long nowMillis) {
        SequencePolicy.Judged order =
                policy.sequence().judge(standing, moves(call), answers, call.decision(), nowMillis);
        Refusal byFlow = FlowRule.objection(policy, call, untrusted, answers);
        boolean asking = policy.ask() != null;
        String always = policy.ask() == null ? null : policy.ask().always().why(call.calls(), call.values());
        boolean fits = order.objections().isEmpty();
        if (fits && order.observed().isEmpty() && byFlow == null && always == null) {
            return new Judgement(List.of(), List.of(), true, order.next(), order.awaited(), asking);
        }
        List<Refusal> objections = refusals(order.objections(), policy);
        List<Refusal> observed = refusals(order.observed(), policy);
        if (byFlow != null) {
            (policy.flow() == Flow.ENFORCE ? objections : observed).add(byFlow);
        }
        if (always != null) {
            objections.add(Refusal.always(always));
        }
        return new Judgement(objections, observed, fits, order.next(), order.awaited(), asking);
    }

    private static List<Refusal> refusals(List<SequencePolicy.Objection> objections, TaskPolicy policy) {
        List<Refusal> refusals = new ArrayList<>(objections.size() + 1);
        objections.forEach(each -> refusals.add(Refusal.order(each, policy.reactions())));
        return refusals;
    }

    /** The operations of a call as plan and rules see them. */
    static List<Move> moves(TaskStep.Call call) {
        List<Move> moves = new ArrayList<>(call.calls().size());
        for (OperationCall pair : call.calls()) {
            moves.add(new Move(
                    pair.operation().id(),
                    pair.judged(),
                    pair.dryRun(),
                    pair.operation().values(),
                    kind(pair.operation().effect())));
        }
        return moves;
    }

    private static Move.Kind kind(Effect effect) {
        if (effect == Effect.CONNECT) {
            return Move.Kind.CONNECTS;
        }
        return effect.changes() ? Move.Kind.CHANGES : Move.Kind.READS;
    }

    /**
     * The objection that refuses the call whatever humans say: the first, but a rule that objects for good comes before
     * one that depends on an unknown outcome, and that one before one that waits. Null if there is none.
     */
    @Nullable Refusal refusal() {
        Refusal gravest = null;
        for (Refusal each : objections) {
            if (asking && each.asks()) {
                continue;
            }
            boolean graver = gravest != null && each.isGraverRuleThan(gravest);
            gravest = gravest == null || graver ? each : gravest;
        }
        return gravest;
    }

    /** Why humans are asked whatever else stands against the call; null if they are not. */
    @Nullable String asksAlways() {
        Refusal last = objections.isEmpty() ? null : objections.get(objections.size() - 1);
        return last != null && last.isAlways() ? last.said() : null;
    }

    /** The objections of plan, rules and flow: those that refuse the call before those about which humans are asked. */
    List<Refusal> violations() {
        List<Refusal> violations = new ArrayList<>(objections);
        violations.removeIf(Refusal::isAlways);
        Refusal first = refusal();
        if (first != null) {
            violations.remove(first);
            violations.add(0, first);
        }
        return violations;
    }
}
