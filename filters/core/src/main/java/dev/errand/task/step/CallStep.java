package dev.errand.task.step;

import dev.errand.denial.Denial;
import dev.errand.limit.Budgets;
import dev.errand.operation.OperationCall;
import dev.errand.sequence.Awaited;
import dev.errand.sequence.SequenceState;
import dev.errand.task.ApprovalRequest;
import dev.errand.task.AskPolicy;
import dev.errand.task.SessionId;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskPolicy.Flow;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import dev.errand.task.TokenRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Judges one call against the working copy: by its MCP session, budgets, buckets, plan, rules and flow, in this order
 * (CONTRACT.md section 4). Debits it only if nothing objects. The caller has checked that the task is active, the chain
 * good and the proof unused.
 */
final class CallStep {
    private final Ledger ledger;
    private final BatchProofs proofs;
    private final TaskPolicy policy;
    private final TaskStep.Call call;
    private final List<TokenAccount> chain;
    /** The place of each token of the chain, root first; null for an unknown token. */
    private final @Nullable Integer[] places;
    /** The record of each token of the chain. */
    private final TokenRecord[] known;

    private final int cost;
    private String stood;
    private final Charges charges;
    private final CallBudgets budgets;
    private final List<Refusal> observed = new ArrayList<>(0);

    CallStep(Ledger ledger, BatchProofs proofs, TaskStep.Call call, @Nullable Integer[] places) {
        this.ledger = ledger;
        this.proofs = proofs;
        this.policy = ledger.policy();
        this.call = call;
        this.chain = call.chain();
        this.places = places;
        this.known = new TokenRecord[places.length];
        for (int depth = 0; depth < known.length; depth++) {
            known[depth] = ledger.tokens().at(places[depth]);
        }
        this.cost = call.calls().size();
        this.stood = ledger.describe();
        this.charges = new Charges(ledger, call, known);
        this.budgets = new CallBudgets(ledger, call, places, known, charges);
    }

    TaskOutcome apply() {
        Refusal refusal = session();
        if (refusal == null) {
            refusal = budgets.refusal(observed);
        }
        if (refusal == null) {
            refusal = charges.take(observed);
        }
        if (refusal != null) {
            return denied(refusal);
        }
        SequenceState current = policy.sequence().expire(ledger.sequence(), ledger.nowMillis());
        Judgement judged =
                Judgement.of(policy, current, ledger.answers(), ledger.isUntrusted(), call, ledger.nowMillis());
        if (policy.observe()) {
            return observed(current, judged);
        }
        Refusal objection = judged.refusal();
        if (objection != null) {
            ledger.move(current);
            return denied(objection);
        }
        observed.addAll(judged.observed());
        return judged.objections().isEmpty()
                ? permitted(judged.next(), judged.awaited(), null)
                : asked(Objects.requireNonNull(policy.ask()), current, judged);
    }

    /** Decides about a call to which only objections are left about which humans are asked. */
    private TaskOutcome asked(AskPolicy ask, SequenceState current, Judgement judged) {
        ledger.move(current);
        stood = ledger.describe();
        boolean trusted = call.trusted() && !ledger.isUntrusted();
        AskStep.Answer answer =
                new AskStep(ledger, ask, call, stood, trusted, judged.objections(), judged.next()).answer();
        if (answer instanceof AskStep.Answer.Passes passes) {
            return permitted(judged.next(), judged.awaited(), passes.request());
        } else if (answer instanceof AskStep.Answer.Waits waits) {
            return waiting(waits);
        }
        return answer instanceof AskStep.Answer.Objects objects
                ? denied(objects.why())
                : new TaskOutcome.Asks(
                        ((AskStep.Answer.Unasked) answer).objection().denial(), ledger.progress(stood, left()));
    }

    /** Refuses the call until people have decided. Debits only the buckets, so that nobody can ask without limit. */
    private TaskOutcome waiting(AskStep.Answer.Waits waits) {
        charges.debit();
        for (int depth = 0; depth < known.length; depth++) {
            if (places[depth] != null) {
                TokenRecord token = known[depth];
                known[depth] = token.withLevels(charges.debited(depth, token.levels()));
                ledger.put(places[depth], chain.get(depth).id(), known[depth]);
            }
        }
        long left = waits.request().endsMillis() - ledger.nowMillis();
        return new TaskOutcome.Denied(
                waits.why().denial(),
                null,
                null,
                ledger.progress(stood, left()).with(waits.why().reaction(), false),
                false,
                new TaskOutcome.Asked(
                        waits.request(),
                        waits.opened(),
                        Math.max(1, (left + 999) / 1000),
                        ledger.approvals()
                                .elicits(
                                        call.session() == null
                                                ? null
                                                : call.session().high()),
                        waits.opened() ? 1 : waits.request().waits().counted(ledger.nowMillis())));
    }

    private TaskOutcome permitted(SequenceState next, Awaited awaited, @Nullable ApprovalRequest used) {
        debit(next);
        boolean over = ledger.observation().isOver(chain);
        TaskPolicy.Reaction reaction = observed.isEmpty() ? null : observe(observed.get(0), over);
        List<Denial> denials = observed.isEmpty()
                ? List.of()
                : observed.stream().map(Refusal::denial).toList();
        return new TaskOutcome.Permitted(ledger.progress(stood, left()).with(reaction, over), awaited, denials, used);
    }

    /** Lets a call pass that is only observed. If plan or rules object to it, they do not count it. */
    private TaskOutcome observed(SequenceState current, Judgement judged) {
        observed.addAll(judged.violations());
        observed.addAll(judged.observed());
        if (policy.ask() != null) {
            observeAsking(judged.asksAlways());
        }
        return judged.fits()
                ? permitted(judged.next(), judged.awaited(), null)
                : permitted(current, Awaited.NOTHING, null);
    }

    /**
     * If nothing else would have refused the call, reports that humans would have been asked, instead of the violation.
     */
    private void observeAsking(@Nullable String always) {
        if (observed.stream().allMatch(Refusal::asks) && (always != null || !observed.isEmpty())) {
            String why = observed.isEmpty()
                    ? String.valueOf(always)
                    : observed.get(0).denial().detail();
            String rule = observed.isEmpty() ? null : observed.get(0).denial().rule();
            observed.clear();
            observed.add(Refusal.approvalRequired("A human would have been asked: " + why, rule));
        } else {
            observed.sort(Comparator.comparing(Refusal::asks));
        }
    }

    private @Nullable Refusal session() {
        SessionId session = call.session();
        boolean permitted = session == null
                || ledger.lists()
                        .sessions()
                        .permits(session, chain.stream().map(TokenAccount::id).toList());
        return permitted ? null : Refusal.session(policy.reactions());
    }

    private void debit(SequenceState next) {
        ledger.move(next);
        ledger.charge(cost);
        if (policy.flow() != Flow.OFF) {
            for (OperationCall pair : call.calls()) {
                if (pair.operation().yieldsUntrusted()) {
                    ledger.taint();
                }
            }
        }
        charges.debit();
        for (int depth = 0; depth < known.length; depth++) {
            TokenRecord token = budgets.startsChild(depth) ? known[depth].withOneMoreChild() : known[depth];
            known[depth] = token.charged(token.calls() + cost, charges.debited(depth, token.levels()));
            ledger.put(places[depth], chain.get(depth).id(), known[depth]);
        }
    }

    /** What the first objection would have led to. If the whole task is only observed, this is noted in its state. */
    private TaskPolicy.Reaction observe(Refusal refusal, boolean over) {
        if (!policy.observe() || over || !refusal.counts() || refusal.asks()) {
            return refusal.asks() ? TaskPolicy.Reaction.DENY : refusal.reaction();
        }
        TaskOutcome.Ending ending = Interruption.observed(ledger, chain, call.calls())
                .after(refusal.denial().reason(), refusal.reasonInside(), refusal.reaction());
        return ending == null ? refusal.reaction() : TaskPolicy.Reaction.INTERRUPT;
    }

    private TaskOutcome denied(Refusal refusal) {
        boolean again = refusal.counts() && !proofs.countsFirst(call.proof());
        TaskOutcome.Ending ending = refusal.counts() && !again
                ? Interruption.of(ledger, chain, call.calls())
                        .after(refusal.denial().reason(), refusal.reasonInside(), refusal.reaction())
                : null;
        TaskPolicy.Reaction reaction = ending == null ? refusal.reaction() : TaskPolicy.Reaction.INTERRUPT;
        boolean over = ledger.observation().isOver(chain);
        return new TaskOutcome.Denied(
                refusal.denial(),
                ending,
                refusal.rate(),
                ledger.progress(stood, left()).with(reaction, over),
                again);
    }

    /** The names and amounts of what is left after this step. */
    private Budgets.Builder left() {
        Budgets.Builder left = ledger.budgets(charges.size() + chain.size() + 1);
        charges.left(left, known);
        for (int depth = 0; depth < chain.size(); depth++) {
            Long calls = chain.get(depth).calls();
            if (calls != null) {
                left.add(Charge.tokenName(depth), Math.max(0, calls - known[depth].calls()));
            }
        }
        return left;
    }
}
