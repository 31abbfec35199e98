package dev.errand.task.step;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.task.Task;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;

/** A holder ends a token and all below it, on the working copy; ending the root ends the task. */
record RevokeStep(Ledger ledger, TaskStep.Revoke step) {
    TaskOutcome apply() {
        boolean begun = ledger.register(step.root(), step.registerUntilMillis());
        return begun ? end().asBegun() : end();
    }

    private TaskOutcome end() {
        if (ledger.state() != TaskState.ACTIVE) {
            return ledger.done(ledger.describe());
        }
        if (step.token().equals(ledger.root())) {
            ledger.end(TaskState.COMPLETED, "The task's holder ended it.");
        } else if (ledger.token(step.token()).ended() != null) {
            return ledger.done(ledger.describe());
        } else if (isFull()) {
            Denial full = new Denial(
                    DenyReason.BUDGET_EXHAUSTED,
                    "limits",
                    "The task can keep no more tokens; end a token above this one.");
            return new TaskOutcome.Denied(full, null, null, ledger.progress(ledger.describe()));
        } else {
            ledger.endToken(step.token(), TaskState.COMPLETED, "A holder ended the token.");
        }
        return ledger.done(true, ledger.describe());
    }

    /**
     * Whether there is no room: a holder must not fill the places that its siblings need with tokens that nobody used.
     */
    private boolean isFull() {
        return !ledger.tokens().contains(step.token())
                && (ledger.tokens().size() >= Task.MAX_TOKENS
                        || (step.depth() > 1 && ledger.tokens().unused() >= Task.MAX_UNUSED));
    }
}
