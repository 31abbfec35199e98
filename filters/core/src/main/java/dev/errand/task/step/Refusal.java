package dev.errand.task.step;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.sequence.SequencePolicy.Objection;
import dev.errand.sequence.rule.Counts;
import dev.errand.task.AlwaysAsked;
import dev.errand.task.AskPolicy;
import dev.errand.task.ShownObjection;
import dev.errand.task.TaskOutcome.RateAdvice;
import dev.errand.task.TaskPolicy.Reaction;
import dev.errand.task.TaskPolicy.Reactions;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One objection to a call, with its consequence.
 *
 * @param rate when to come back, if a bucket objects
 * @param counts whether it counts as a denial, with its reaction; waiting for another call's outcome, and an
 *     unknown outcome, do not count
 * @param why the sentence for a token or task that ends because of it
 * @param place which part of a policy objects, as in {@link ShownObjection}; of no use for an objection about which nobody is
 *     asked
 * @param counted how much an objecting rule had counted without the call
 */
record Refusal(
        Denial denial,
        Reaction reaction,
        @Nullable RateAdvice rate,
        boolean counts,
        String why,
        int place,
        Counts counted) {
    private static final String APPROVAL = "approval";

    static Refusal session(Reactions reactions) {
        return counted(
                DenyReason.NOT_GRANTED,
                "operation",
                "The MCP session was not received by this token, nor by one above or below it.",
                reactions.notGranted(),
                null);
    }

    static Refusal budget(String detail, Reactions reactions) {
        return counted(DenyReason.BUDGET_EXHAUSTED, "limits", detail, reactions.limit(), null);
    }

    /** The refusal of a call that costs more than the bucket's capacity. */
    static Refusal beyondCapacity(Charge charge, Reactions reactions) {
        return budget(
                "The call costs " + charge.cost() + ", more than the capacity "
                        + charge.bucket().bandwidth().capacity() + " of the limit '" + charge.name() + "'.",
                reactions);
    }

    static Refusal rate(RateAdvice advice, Reactions reactions) {
        String detail = "The limit '" + advice.policy() + "' of " + advice.capacity() + " calls per "
                + advice.period().toMillis() + " ms is reached; come back in "
                + advice.retryAfter().toMillis() + " ms.";
        return counted(DenyReason.RATE_EXCEEDED, "limits", detail, reactions.limit(), advice);
    }

    static Refusal flow(String detail, Reactions reactions) {
        return counted(DenyReason.FLOW_DENIED, "flow", detail, reactions.flow(), null);
    }

    /** Humans are asked whatever plan and rules say, for this reason. */
    static Refusal always(String why) {
        return new Refusal(
                new Denial(DenyReason.APPROVAL_REQUIRED, APPROVAL, why),
                Reaction.ASK,
                null,
                false,
                "",
                ShownObjection.ALWAYS,
                Counts.NONE);
    }

    /**
     * A human has to approve the call; this is no violation, so it does not count.
     *
     * @param rule where the objecting plan step or rule was written; null if there is none
     */
    static Refusal approvalRequired(String detail, @Nullable String rule) {
        return approvalRequired(detail, rule, List.of());
    }

    /** @param unknown the decisions of earlier calls whose outcome is unknown, where that outcome objects */
    static Refusal approvalRequired(String detail, @Nullable String rule, List<String> unknown) {
        return new Refusal(
                new Denial(DenyReason.APPROVAL_REQUIRED, APPROVAL, detail, rule, unknown),
                Reaction.DENY,
                null,
                false,
                detail,
                ShownObjection.ALWAYS,
                Counts.NONE);
    }

    /** A human has refused the call. */
    static Refusal approvalRefused(AskPolicy ask) {
        return counted(
                DenyReason.APPROVAL_REFUSED,
                APPROVAL,
                "A human has refused this call; that stands until the task ends.",
                ask.refusedInterrupts() ? Reaction.INTERRUPT : Reaction.DENY,
                null);
    }

    /** Whether the reaction is to ask a human. */
    boolean asks() {
        return reaction == Reaction.ASK;
    }

    /** Whether humans are asked whatever else stands against the call. */
    boolean isAlways() {
        return place == ShownObjection.ALWAYS;
    }

    /** Whether humans are asked since they are asked about every call of the operation. */
    boolean isEveryCall() {
        return isAlways() && denial.detail().equals(AlwaysAsked.EVERY_CALL);
    }

    /** The reason, to stand inside another sentence. */
    String said() {
        return isEveryCall() ? "as about every call of this operation" : denial.detail();
    }

    /**
     * Whether both are objections of rules, and other calls' outcomes can change this one less: it objects for good, or
     * it depends on an unknown outcome and the other only waits.
     */
    boolean isGraverRuleThan(Refusal other) {
        return isOfRule() && other.isOfRule() && gravity() > other.gravity();
    }

    private boolean isOfRule() {
        return denial.reason() == DenyReason.RULE_VIOLATION;
    }

    private int gravity() {
        return reaction == Reaction.INTERRUPT
                ? 3
                : counts ? 2 : denial.unknown().isEmpty() ? 0 : 1;
    }

    /** The objection as people are shown it. */
    ShownObjection objected() {
        return new ShownObjection(
                denial.reason().code(),
                denial.rule(),
                counted,
                place,
                TaskLifecycle.cut(denial.detail()),
                denial.unknown());
    }

    /** The same objection, refused because nobody can be asked. */
    Refusal unasked(String because) {
        return new Refusal(denial.unasked(because), Reaction.DENY, null, counts, why, place, counted);
    }

    /** The refusal for an objection of plan or rule. */
    static Refusal order(Objection objection, Reactions reactions) {
        boolean byPlan = objection.kind().byPlan();
        boolean pending = objection.kind().pending();
        boolean unknown = objection.kind().unknown();
        Reaction reaction = byPlan ? reactions.sequence() : reactions.rule(objection.place());
        // A bound on the stored state has no place in the template, and no human can lift it.
        if (pending || (unknown && (reaction != Reaction.ASK || objection.rule() == null))) {
            reaction = Reaction.DENY;
        }
        DenyReason reason = byPlan ? DenyReason.SEQUENCE_VIOLATION : DenyReason.RULE_VIOLATION;
        String step = pending ? "pending" : byPlan ? "sequence" : "rule";
        String trace =
                objection.trace().isEmpty() ? "" : " (shortest sequence: " + String.join(", ", objection.trace()) + ")";
        Refusal refusal = new Refusal(
                new Denial(reason, step, objection.detail(), objection.rule(), objection.unknown()),
                reaction,
                null,
                !pending && !unknown,
                objection.detail() + trace,
                objection.place(),
                objection.counted());
        return refusal.asks() && !objection.counted().isExact()
                ? refusal.unasked("Nobody is asked, since the rule keeps no more calls apart.")
                : refusal;
    }

    private static Refusal counted(
            DenyReason reason, String step, String detail, Reaction reaction, @Nullable RateAdvice rate) {
        return new Refusal(
                new Denial(reason, step, detail), reaction, rate, true, detail, ShownObjection.FLOW, Counts.NONE);
    }

    /** How long to wait until it no longer objects; zero if waiting does not help. */
    Duration waits() {
        return rate == null ? Duration.ZERO : rate.retryAfter();
    }

    /** The cause, to follow "… because" at the end of a sentence. */
    String reasonInside() {
        String sentence = why.endsWith(".") ? why.substring(0, why.length() - 1) : why;
        return "a call was refused as " + denial.reason().code() + ": " + sentence;
    }
}
