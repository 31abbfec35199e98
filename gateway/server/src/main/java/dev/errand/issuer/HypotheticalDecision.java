package dev.errand.issuer;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.task.TaskOutcome;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The decision that the call of a {@link Question} would get now.
 *
 * @param code the code of a denial; for a permit the code of an observed objection, or null
 */
record HypotheticalDecision(boolean permit, @Nullable String code, String detail) {
    /** @param step the answer of the task's state; null if the call was refused before */
    static HypotheticalDecision of(JudgedQuestion judged, @Nullable TaskOutcome step) {
        Denial denial = judged.denial();
        if (denial == null && step instanceof TaskOutcome.Denied denied) {
            denial = denied.denial();
        }
        if (denial == null && step instanceof TaskOutcome.Asks asks) {
            denial = new Denial(
                    DenyReason.APPROVAL_REQUIRED,
                    "approval",
                    "a human would be asked: " + asks.objection().detail());
        }
        if (denial != null) {
            return new HypotheticalDecision(false, denial.reason().code(), told(denial.detail(), judged.passedOver()));
        }
        Denial observed = step instanceof TaskOutcome.Permitted permitted
                        && !permitted.observed().isEmpty()
                ? permitted.observed().get(0)
                : null;
        return observed == null
                ? new HypotheticalDecision(true, null, told("a call would be permitted now", judged.passedOver()))
                : new HypotheticalDecision(
                        true,
                        observed.reason().code(),
                        told(
                                "a call would be permitted now, since this is only observed: " + observed.detail(),
                                judged.passedOver()));
    }

    private static String told(String detail, Set<String> passedOver) {
        return passedOver.isEmpty()
                ? detail
                : detail + (detail.endsWith(".") ? " " : "; ")
                        + "passed over, since no value was given: "
                        + String.join(", ", passedOver);
    }
}
