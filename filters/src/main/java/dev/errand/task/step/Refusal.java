package dev.errand.task.step;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.sequence.SequencePolicy.Objection;
import dev.errand.task.TaskOutcome.RateAdvice;
import dev.errand.task.TaskPolicy.Reaction;
import dev.errand.task.TaskPolicy.Reactions;
import dev.errand.task.approval.AskPolicy;
import dev.errand.task.limit.Charge;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One objection to a call, with what it leads to.
 *
 * @param rate when to come back, where a bucket objects
 * @param counts whether it counts as a denial and the reaction follows; waiting for another call's outcome does not
 * @param why a sentence for whoever is told that a token or task ended by it
 */
record Refusal(Denial denial, Reaction reaction, @Nullable RateAdvice rate, boolean counts, String why) {
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

    /** The call costs more than the bucket ever holds. */
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

    /** A human has to approve the call: no violation, so it counts for nothing. */
    static Refusal approvalRequired(String detail) {
        return approvalRequired(detail, null);
    }

    /** @param rule where the plan step or rule was written that objects; null where none does */
    static Refusal approvalRequired(String detail, @Nullable String rule) {
        return new Refusal(
                new Denial(DenyReason.APPROVAL_REQUIRED, APPROVAL, detail, rule), Reaction.DENY, null, false, detail);
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

    /** Whether a human is asked about it. */
    boolean asks() {
        return reaction == Reaction.ASK;
    }

    /** The violation itself, about which nobody can be asked. */
    Refusal unasked(String because) {
        String said = denial.detail();
        Denial told = new Denial(
                denial.reason(), denial.step(), said + (said.endsWith(".") ? " " : ". ") + because, denial.rule());
        return new Refusal(told, Reaction.DENY, null, true, why);
    }

    /** By plan or rule. */
    static Refusal order(Objection objection, Reactions reactions) {
        boolean byPlan = objection.kind() == Objection.Kind.PLAN || objection.kind() == Objection.Kind.PENDING;
        boolean pending = objection.kind() == Objection.Kind.PENDING || objection.kind() == Objection.Kind.PENDING_RULE;
        Reaction reaction = pending ? Reaction.DENY : byPlan ? reactions.sequence() : reactions.rule();
        DenyReason reason = byPlan ? DenyReason.SEQUENCE_VIOLATION : DenyReason.RULE_VIOLATION;
        String step = pending ? "pending" : byPlan ? "sequence" : "rule";
        String trace =
                objection.trace().isEmpty() ? "" : " (shortest sequence: " + String.join(", ", objection.trace()) + ")";
        return new Refusal(
                new Denial(reason, step, objection.detail(), objection.rule()),
                reaction,
                null,
                !pending,
                objection.detail() + trace);
    }

    private static Refusal counted(
            DenyReason reason, String step, String detail, Reaction reaction, @Nullable RateAdvice rate) {
        return new Refusal(new Denial(reason, step, detail), reaction, rate, true, detail);
    }

    /** How long to wait for it to be gone; zero where waiting does not help. */
    Duration waits() {
        return rate == null ? Duration.ZERO : rate.retryAfter();
    }

    /** The cause, as the end of a sentence that begins with the consequence: "… because". */
    String reasonInside() {
        String sentence = why.endsWith(".") ? why.substring(0, why.length() - 1) : why;
        return "a call was refused as " + denial.reason().code() + ": " + sentence;
    }
}
