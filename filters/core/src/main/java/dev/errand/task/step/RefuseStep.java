package dev.errand.task.step;

import dev.errand.denial.DenyReason;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;

/** Applies the refusal of a call that never reached a step of its own: counts the denial in the working copy. */
record RefuseStep(Ledger ledger, BatchProofs proofs, TaskStep.Refuse step) {
    TaskOutcome apply() {
        String stood = ledger.describe();
        // A proof that is not for this call (7e, 7f) may belong to somebody else and be caught, so its denial does not
        // count. It is no violation that nobody could be asked.
        boolean counts = step.reason() != DenyReason.INVALID_PROOF && step.reason() != DenyReason.APPROVAL_REQUIRED;
        boolean again = counts && !proofs.countsFirst(step.proof());
        TaskOutcome.Ending interrupted = !counts || again
                ? null
                : Interruption.of(ledger, step)
                        .after(
                                step.reason(),
                                "a call was refused as " + step.reason().code(),
                                reaction());
        boolean over = ledger.observation().isOver(step.chain());
        TaskPolicy.Reaction reaction = interrupted != null ? TaskPolicy.Reaction.INTERRUPT : reaction();
        if (ledger.policy().observe() && counts && !again && !over) {
            Interruption.observed(ledger, step)
                    .after(
                            step.reason(),
                            "a call was refused as " + step.reason().code(),
                            reaction());
        }
        return new TaskOutcome.Denied(
                null, interrupted, null, ledger.progress(stood).with(reaction, over), again);
    }

    private TaskPolicy.Reaction reaction() {
        return switch (step.reason()) {
            case NOT_GRANTED, CONSTRAINT_VIOLATED, UNKNOWN_OPERATION, AMBIGUOUS_OPERATION ->
                ledger.policy().reactions().notGranted();
            default -> TaskPolicy.Reaction.DENY;
        };
    }
}
