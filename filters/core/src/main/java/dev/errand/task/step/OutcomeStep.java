package dev.errand.task.step;

import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.SequenceState;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.sequence.rule.Value;
import dev.errand.task.GivenBack;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import dev.errand.task.TokenRecord;
import dev.errand.task.UnreadSequence;
import dev.errand.token.Sha256;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Applies the outcome of a permitted call to the working copy: the upstream answered, or no byte of the call was sent.
 */
record OutcomeStep(Ledger ledger) {
    /** How long a decision that was given back is remembered, so that a repetition is recognised. */
    static final long RETURNED_MILLIS = 600_000;

    private static final int MAX_RETURNED = 256;

    TaskOutcome settle(TaskStep.Settle step) {
        if (!(ledger.sequence() instanceof UnreadSequence)
                && ledger.policy().sequence().contradicts(ledger.sequence(), step.decision(), step.happened())) {
            return new TaskOutcome.Settlement(SequencePolicy.Settlement.Verdict.CONFLICT);
        }
        return move((sequence, state) ->
                sequence.settle(state, step.decision(), step.happened(), step.returning(), ledger.nowMillis()));
    }

    TaskOutcome sent(TaskStep.Sent step) {
        return move((sequence, state) -> sequence.sent(state, step.decision()));
    }

    TaskOutcome unanswered(TaskStep.Unanswered step) {
        return move((sequence, state) -> sequence.unanswered(state, step.decision(), step.sent(), ledger.nowMillis()));
    }

    /** Applies what became of a call to plan and rules, and to those of the candidate. */
    private TaskOutcome move(BiFunction<SequencePolicy, SequenceState, SequenceState> change) {
        String stood = ledger.describe();
        if (ledger.root() != null && !(ledger.sequence() instanceof UnreadSequence)) {
            ledger.move(change.apply(ledger.policy().sequence(), ledger.sequence()));
        }
        CandidateStep.move(ledger, change);
        return ledger.done(stood);
    }

    TaskOutcome know(TaskStep.Know step) {
        if (ledger.state() != TaskState.ACTIVE || ledger.sequence() instanceof UnreadSequence) {
            return new TaskOutcome.Settlement(SequencePolicy.Settlement.Verdict.NO_SUCH);
        }
        SequencePolicy.Settlement told = ledger.policy()
                .sequence()
                .know(ledger.sequence(), step.decision(), step.happened(), ledger.nowMillis());
        ledger.move(told.next());
        CandidateStep.move(
                ledger,
                (sequence, state) -> sequence.know(state, step.decision(), step.happened(), ledger.nowMillis())
                        .next());
        return new TaskOutcome.Settlement(told.verdict());
    }

    TaskOutcome returned(TaskStep.Return step) {
        if (ledger.root() == null) {
            return new TaskOutcome.Returned(0, 0);
        }
        SequencePolicy policy = ledger.policy().sequence();
        AnswerValues keyed =
                step.values().isEmpty() ? ledger.answers() : ledger.answers().keyed(step.freshKey());
        AnswerValues.Taken taken = keyed.with(
                ledger.policy().remembered(step.values(), step.trusted() && !ledger.isUntrusted()), step.freshKey());
        ledger.keep(ledger.lists().with(taken.values()));
        if (!(ledger.sequence() instanceof UnreadSequence)) {
            ledger.move(policy.returned(
                    ledger.sequence(), step.decision(), step.values(), taken.values(), ledger.nowMillis()));
        }
        CandidateStep.returned(ledger, step);
        int different = (int) step.values().stream()
                .filter(value -> !value.value().equals(Value.ABSENT))
                .distinct()
                .count();
        return new TaskOutcome.Returned(different, taken.dropped());
    }

    TaskOutcome giveBack(TaskStep.GiveBack step) {
        if (step.isLost()) {
            return lost(step);
        }
        String stood = ledger.describe();
        long now = ledger.nowMillis();
        long decision = Sha256.fingerprint(step.decision());
        List<GivenBack> kept = new ArrayList<>(ledger.lists().returned());
        kept.removeIf(earlier -> earlier.atMillis() < now - RETURNED_MILLIS);
        boolean repeated = kept.stream().anyMatch(earlier -> earlier.decision() == decision);
        if (ledger.root() == null
                || repeated
                || kept.size() >= MAX_RETURNED
                || ledger.sequence() instanceof UnreadSequence) {
            return ledger.done(stood);
        }
        kept.add(new GivenBack(decision, now));
        ledger.giveBack(List.copyOf(kept), step.cost());
        for (TokenAccount account : step.chain()) {
            Integer place = ledger.tokens().place(account.id());
            if (place != null) {
                TokenRecord token = ledger.tokens().at(place);
                ledger.put(place, account.id(), token.withCalls(Math.max(0, token.calls() - step.cost())));
            }
        }
        ledger.move(ledger.policy().sequence().giveBack(ledger.sequence(), step.decision(), now));
        ledger.keep(ledger.approvals().givenBack(decision));
        CandidateStep.giveBack(ledger, step);
        return ledger.done(stood);
    }

    /** Gives back a call that may never have been permitted: only what is known by its decision. */
    private TaskOutcome lost(TaskStep.GiveBack step) {
        ledger.keep(ledger.approvals().givenBack(Sha256.fingerprint(step.decision())));
        return move((sequence, state) -> sequence.giveBack(state, step.decision(), ledger.nowMillis()));
    }
}
