package dev.errand.task.step;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.task.Sessions;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;

/** Begins and ends MCP sessions, on the working copy. */
record SessionStep(Ledger ledger) {
    TaskOutcome receive(TaskStep.ReceiveSession step) {
        TaskOutcome over = ledger.over(step.chain());
        if (over != null) {
            return over;
        }
        Sessions next = step.chain().stream().allMatch(ledger.tokens()::contains)
                ? ledger.lists().sessions().received(step.session(), step.chain())
                : null;
        if (next == null) {
            Denial full = new Denial(
                    DenyReason.BUDGET_EXHAUSTED,
                    "limits",
                    "The task keeps at most " + Sessions.MAX + " MCP sessions; end one of them.");
            return new TaskOutcome.Denied(full, null, null, ledger.progress(ledger.describe()));
        }
        ledger.keep(ledger.lists().with(next));
        if (step.elicits()) {
            ledger.keep(ledger.approvals().session(step.session().high(), true));
        }
        return ledger.done(ledger.describe());
    }

    TaskOutcome end(TaskStep.EndSession step) {
        ledger.keep(ledger.lists().with(ledger.lists().sessions().ended(step.session())));
        ledger.keep(ledger.approvals().session(step.session().high(), false));
        return ledger.done(ledger.describe());
    }
}
