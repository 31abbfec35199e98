package dev.errand.task;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Steps that are applied to the working copy of a task one behind another. {@link CallStep} judges calls, {@link RefuseStep} what
 * was refused before, {@link Interruption} what denials lead to, {@link RevokeStep} what holders end, {@link OutcomeStep} what became
 * of permitted calls, {@link SessionStep} whose an MCP session is. Not thread-safe.
 */
record StepBatch(Ledger ledger, BatchProofs proofs) {
    TaskOutcome apply(TaskStep step) {
        if (step instanceof TaskStep.Call call) {
            return proven(
                    call,
                    places -> CandidateStep.call(ledger, call, new CallStep(ledger, proofs, call, places).apply()));
        }
        if (step instanceof TaskStep.Refuse refuse) {
            return proven(
                    refuse, places -> CandidateStep.refused(ledger, new RefuseStep(ledger, proofs, refuse).apply()));
        }
        if (step instanceof TaskStep.Start start) {
            return start(start);
        }
        if (step instanceof TaskStep.Settle settle) {
            return new OutcomeStep(ledger).settle(settle);
        }
        if (step instanceof TaskStep.Return answer) {
            return new OutcomeStep(ledger).returned(answer);
        }
        if (step instanceof TaskStep.GiveBack giveBack) {
            return new OutcomeStep(ledger).giveBack(giveBack);
        }
        if (step instanceof TaskStep.Revoke revoke) {
            return new RevokeStep(ledger, revoke).apply();
        }
        if (step instanceof TaskStep.ReceiveSession received) {
            return new SessionStep(ledger).receive(received);
        }
        if (step instanceof TaskStep.EndSession over) {
            return new SessionStep(ledger).end(over);
        }
        if (step instanceof TaskStep.Interrupt interrupt) {
            return interrupt(interrupt);
        }
        if (step instanceof TaskStep.Decide decide) {
            return new DecideStep(ledger).decide(decide);
        }
        if (step instanceof TaskStep.Inquire inquiry) {
            return new DecideStep(ledger).inquire(inquiry);
        }
        if (step instanceof TaskStep.Reformat reformat) {
            return reformat(reformat);
        }
        if (step instanceof TaskStep.View view) {
            return new ViewStep(ledger.asBefore(), ledger.before(), view).apply();
        }
        return look((TaskStep.Look) step);
    }

    private TaskOutcome proven(TaskStep.Proven step, Function<@Nullable Integer[], TaskOutcome> judge) {
        List<TokenAccount> chain = step.chain();
        boolean begun = ledger.register(chain.get(0).id(), step.registerUntilMillis());
        if (begun) {
            CandidateStep.begin(ledger);
        }
        TaskOutcome ended = ledger.over(List.of());
        if (ended != null) {
            return ended;
        }
        @Nullable Integer[] places = ledger.tokens().places(chain);
        TaskOutcome over = ledger.over(places);
        if (over != null) {
            return over;
        }
        if (!chain.get(0).id().equals(ledger.root())) {
            return otherRoot("The task was started with another root token.");
        }
        if (proofs.isClaimed(step.proof())) {
            return new TaskOutcome.Replayed();
        }
        if (ledger.sequence() instanceof UnreadSequence) {
            throw new IllegalStateException("the task runs under another revision of template '"
                    + ledger.policy().template() + "' than the step's");
        }
        TaskOutcome outcome = judge.apply(places);
        if (Task.claimed(step, outcome) != null) {
            proofs.claim(step.proof());
        }
        return begun ? outcome.asBegun() : outcome;
    }

    private TaskOutcome start(TaskStep.Start start) {
        if (ledger.root() == null) {
            if (!ledger.begin(start.root(), start.expiresAtMillis(), start.subject())) {
                return new TaskOutcome.Ended(TaskState.EXPIRED, "The task would end before it starts.");
            }
            CandidateStep.begin(ledger);
        } else if (!start.root().equals(ledger.root())) {
            return otherRoot("The task id is taken.");
        }
        return ledger.done(ledger.describe());
    }

    private TaskOutcome otherRoot(String detail) {
        Denial denial = new Denial(DenyReason.INVALID_TOKEN, "task:id", detail);
        return new TaskOutcome.Denied(denial, null, null, ledger.progress(ledger.describe()));
    }

    private TaskOutcome interrupt(TaskStep.Interrupt interrupt) {
        boolean ends = ledger.state() == TaskState.ACTIVE;
        if (ends) {
            ledger.end(TaskState.INTERRUPTED, interrupt.why());
        }
        return ledger.done(ends, ledger.describe());
    }

    private TaskOutcome reformat(TaskStep.Reformat reformat) {
        Task before = ledger.before();
        return new TaskOutcome.Reformatted(
                before == null || TaskFormat.holds(before, reformat.format(), ledger.nowMillis()));
    }

    private TaskOutcome look(TaskStep.Look look) {
        TaskOutcome over = look.chain().isEmpty() ? null : ledger.over(look.chain());
        return over != null ? over : ledger.done(ledger.describe());
    }
}
