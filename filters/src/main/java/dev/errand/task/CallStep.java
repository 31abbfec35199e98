package dev.errand.task;

import dev.errand.denial.Denial;
import dev.errand.limit.Budgets;
import dev.errand.operation.OperationCall;
import dev.errand.sequence.Move;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.SequenceState;
import dev.errand.task.TaskPolicy.Flow;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One call against the working copy: judged by its MCP session, budgets, buckets, plan, rules and flow in this order
 * (CONTRACT.md section 4), and only if none objects debited. The task is active, the chain good and the proof unseen before it
 * comes here.
 */
final class CallStep {
    private final Ledger ledger;
    private final BatchProofs proofs;
    private final TaskPolicy policy;
    private final TaskStep.Call call;
    private final List<TokenAccount> chain;
    /** The place of each token of the chain, root first; null for one that nothing is known of. */
    private final @Nullable Integer[] places;
    /** What is known of each. */
    private final TokenRecord[] known;

    private final int cost;
    private final String stood;
    private final Charges charges;
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
    }

    TaskOutcome apply() {
        Refusal refusal = session();
        if (refusal == null) {
            refusal = budgets();
        }
        if (refusal == null) {
            refusal = charges.take(observed);
        }
        if (refusal != null) {
            return denied(refusal);
        }
        SequenceState current = policy.sequence().expire(ledger.sequence(), ledger.nowMillis());
        SequencePolicy.Verdict verdict = policy.sequence().take(current, moves(), call.decision(), ledger.nowMillis());
        SequenceState next = current;
        boolean awaits = false;
        if (verdict instanceof SequencePolicy.Verdict.Accepted fits) {
            next = fits.next();
            awaits = fits.awaitsOutcome();
            fits.observed().forEach(objection -> observed.add(Refusal.order(objection, policy.reactions())));
        } else if (verdict instanceof SequencePolicy.Verdict.Refused refused) {
            Refusal byOrder = Refusal.order(refused.objection(), policy.reactions());
            if (!policy.observe()) {
                ledger.move(current);
                return denied(byOrder);
            }
            observed.add(byOrder);
        }
        Refusal byFlow = flow();
        if (byFlow != null) {
            if (!policy.observe() && policy.flow() == Flow.ENFORCE) {
                ledger.move(current);
                return denied(byFlow);
            }
            observed.add(byFlow);
        }
        debit(next);
        boolean over = ledger.observation().isOver(chain);
        TaskPolicy.Reaction reaction = observed.isEmpty() ? null : observe(observed.get(0), over);
        List<Denial> denials = observed.isEmpty()
                ? List.of()
                : observed.stream().map(Refusal::denial).toList();
        return new TaskOutcome.Permitted(ledger.progress(stood, left()).with(reaction, over), awaits, denials);
    }

    private @Nullable Refusal session() {
        SessionId session = call.session();
        boolean permitted = session == null
                || ledger.sessions()
                        .permits(session, chain.stream().map(TokenAccount::id).toList());
        return permitted ? null : Refusal.session(policy.reactions());
    }

    private @Nullable Refusal budgets() {
        if (policy.calls() != null && ledger.calls() > policy.calls() - cost) {
            Refusal refusal =
                    budget("The task's budget of " + policy.calls() + " calls does not hold " + cost + " more.");
            if (!policy.observe()) {
                return refusal;
            }
            observed.add(refusal);
        }
        int unknown = 0;
        for (int depth = 0; depth < chain.size(); depth++) {
            Refusal refusal = budgetsOfToken(depth);
            if (refusal != null) {
                if (!policy.observe()) {
                    return refusal;
                }
                observed.add(refusal);
            }
            unknown += places[depth] == null ? 1 : 0;
        }
        if (ledger.tokens().size() + unknown > Task.MAX_TOKENS) {
            return budget("The task keeps account of at most " + Task.MAX_TOKENS + " tokens.");
        }
        return charges.beyondCapacity(observed);
    }

    private @Nullable Refusal budgetsOfToken(int depth) {
        TokenAccount account = chain.get(depth);
        TokenRecord token = known[depth];
        if (account.calls() != null && token.calls() > account.calls() - cost) {
            return budget("The budget of " + account.calls() + " calls of the token at depth " + depth
                    + " does not hold " + cost + " more.");
        }
        if (account.children() != null && startsChild(depth) && token.children() >= account.children()) {
            return budget("The token at depth " + depth + " may have " + account.children()
                    + " children that call, and has them.");
        }
        return null;
    }

    /** Whether this call would be the first to be permitted under the token below that one. */
    private boolean startsChild(int depth) {
        return depth + 1 < known.length && !known[depth + 1].permitted();
    }

    private Refusal budget(String detail) {
        return Refusal.budget(detail, policy.reactions());
    }

    private @Nullable Refusal flow() {
        if (policy.flow() == Flow.OFF || (call.trusted() && !ledger.isUntrusted())) {
            return null;
        }
        for (OperationCall pair : call.calls()) {
            if (pair.operation().needsTrusted()) {
                return Refusal.flow("The operation '" + pair.operation().id() + "' needs a trusted task, and "
                        + (ledger.isUntrusted() ? "untrusted content has reached it." : "its instruction is untrusted.")
                        + " Have the human authorise it in a task of its own.");
            }
        }
        return null;
    }

    private List<Move> moves() {
        List<Move> moves = new ArrayList<>(cost);
        for (OperationCall pair : call.calls()) {
            moves.add(new Move(pair.operation().id(), pair.judged(), pair.dryRun()));
        }
        return moves;
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
            TokenRecord token = startsChild(depth) ? known[depth].withOneMoreChild() : known[depth];
            known[depth] = token.charged(token.calls() + cost, charges.debited(depth, token.levels()));
            ledger.put(places[depth], chain.get(depth).id(), known[depth]);
        }
    }

    /** What the first objection would have led to. Of a whole task that is only observed it is noted. */
    private TaskPolicy.Reaction observe(Refusal refusal, boolean over) {
        if (!policy.observe() || over || !refusal.counts()) {
            return refusal.reaction();
        }
        TaskOutcome.Ending ending = Interruption.observed(ledger, chain)
                .after(refusal.denial().reason(), refusal.reasonInside(), refusal.reaction());
        return ending == null ? refusal.reaction() : TaskPolicy.Reaction.INTERRUPT;
    }

    private TaskOutcome denied(Refusal refusal) {
        boolean again = refusal.counts() && !proofs.countsFirst(call.proof());
        TaskOutcome.Ending ending = refusal.counts() && !again
                ? Interruption.of(ledger, chain)
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

    /** What is left by name, after this step. */
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
