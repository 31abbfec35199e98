package dev.errand.task.step;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.jose.ProofClaim;
import dev.errand.task.Task;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import dev.errand.task.UnreadSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Applies steps to the working copy of a task, one after another. {@link CallStep} judges calls. {@link RefuseStep}
 * counts calls that were refused before, and {@link Interruption} applies the consequences of denials.
 * {@link RevokeStep} ends tokens for holders, {@link OutcomeStep} records outcomes of permitted calls, and
 * {@link SessionStep} keeps the owners of MCP sessions. Not thread-safe.
 */
public final class StepBatch {
    private final Ledger ledger;
    private final BatchProofs proofs;

    private StepBatch(Ledger ledger, BatchProofs proofs) {
        this.ledger = ledger;
        this.proofs = proofs;
    }

    /**
     * Applies steps in their order, each all or nothing.
     *
     * @param current the task before the steps, or null if there is none
     * @param nowMillis the store's time, epoch milliseconds; if it is before the task's last step, that step's time is
     *     used
     * @throws IllegalStateException if the policy is of another revision than the task and a step must judge by it
     */
    public static Applied apply(
            TaskPolicy policy, @Nullable Task current, List<? extends TaskStep> steps, long nowMillis) {
        return apply(policy, current, steps, nowMillis, Set.of());
    }

    /**
     * The same, if the store knows proofs whose denial was counted before.
     *
     * @param counted the hashes of such proofs: a further denial of one of them has no consequence
     */
    public static Applied apply(
            TaskPolicy policy,
            @Nullable Task current,
            List<? extends TaskStep> steps,
            long nowMillis,
            Set<String> counted) {
        Ledger ledger = new Ledger(policy, current, nowMillis);
        BatchProofs proofs = new BatchProofs(counted, steps.size());
        StepBatch batch = new StepBatch(ledger, proofs);
        List<TaskOutcome> outcomes = new ArrayList<>(steps.size());
        for (TaskStep step : steps) {
            outcomes.add(batch.apply(step));
        }
        CandidateStep.close(ledger);
        Task next = ledger.close();
        return new Applied(next, outcomes, ledger.endedSomething(), proofs.counted());
    }

    /**
     * The outcomes of steps.
     *
     * @param next the task after the steps; the same object if no step changed it; null if there is still no task
     * @param outcomes one for each step, in their order
     * @param ended whether these steps ended the task or one of its tokens, so that all replicas must be told
     * @param counted the hashes of unused proofs whose denial these steps counted: the store remembers them for as long
     *     as their claims say, apart from the used ones
     */
    public record Applied(@Nullable Task next, List<TaskOutcome> outcomes, boolean ended, Set<String> counted) {
        public Applied {
            outcomes = List.copyOf(outcomes);
            counted = Set.copyOf(counted);
        }
    }

    /** The proof that a step with this outcome uses up, or null. */
    public static @Nullable ProofClaim claimed(TaskStep step, TaskOutcome outcome) {
        ProofClaim proof = presented(step);
        if (proof == null || outcome instanceof TaskOutcome.Permitted) {
            return proof;
        }
        return outcome instanceof TaskOutcome.Denied && !proof.onlyWhenPermitted() ? proof : null;
    }

    /** The proof that a step presents; null for a step that is not a call, or was proven by its connection. */
    public static @Nullable ProofClaim presented(TaskStep step) {
        return step instanceof TaskStep.Proven proven && proven.proof().isClaimed() ? proven.proof() : null;
    }

    private TaskOutcome apply(TaskStep step) {
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
        if (step instanceof TaskStep.Sent sent) {
            return new OutcomeStep(ledger).sent(sent);
        }
        if (step instanceof TaskStep.Unanswered unanswered) {
            return new OutcomeStep(ledger).unanswered(unanswered);
        }
        if (step instanceof TaskStep.Know known) {
            return new OutcomeStep(ledger).know(known);
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
        if (claimed(step, outcome) != null) {
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

    private TaskOutcome look(TaskStep.Look look) {
        TaskOutcome over = look.chain().isEmpty() ? null : ledger.over(look.chain());
        return over != null ? over : ledger.looked();
    }
}
