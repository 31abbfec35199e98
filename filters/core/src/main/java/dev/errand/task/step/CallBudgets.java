package dev.errand.task.step;

import dev.errand.task.Task;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import dev.errand.task.TokenRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The absolute budgets of one call: those of the task, of each token of its chain, and the capacity of each bucket.
 * Changes nothing. Used within one step.
 *
 * @param places the place of each token of the chain, root first; null for an unknown token
 * @param known the record of each token
 */
record CallBudgets(
        Ledger ledger, TaskStep.Call call, @Nullable Integer[] places, TokenRecord[] known, Charges charges) {
    /** The first refusal that is enforced, or null; adds those that are only observed to the list. */
    @Nullable Refusal refusal(List<Refusal> observed) {
        TaskPolicy policy = ledger.policy();
        int cost = call.calls().size();
        if (policy.calls() != null && ledger.calls() > policy.calls() - cost) {
            Refusal refusal = ofTask(policy, cost);
            if (!policy.observe()) {
                return refusal;
            }
            observed.add(refusal);
        }
        int unknown = 0;
        for (int depth = 0; depth < known.length; depth++) {
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

    /** The refusal because the template's own budget of calls is too small for the call. */
    static Refusal ofTask(TaskPolicy policy, int cost) {
        return Refusal.budget(
                "The task's budget of " + policy.calls() + " calls does not hold " + cost + " more.",
                policy.reactions());
    }

    private @Nullable Refusal budgetsOfToken(int depth) {
        TokenAccount account = call.chain().get(depth);
        int cost = call.calls().size();
        TokenRecord token = known[depth];
        if (account.calls() != null && token.calls() > account.calls() - cost) {
            return budget("The budget of " + account.calls() + " calls of the token at depth " + depth
                    + " does not hold " + cost + " more.");
        }
        if (account.children() != null && startsChild(depth) && token.children() >= account.children()) {
            return budget("The token at depth " + depth + " may have " + account.children()
                    + " children that call, and has as many already.");
        }
        return null;
    }

    /** Whether this call would be the first permitted one under the next token below that depth. */
    boolean startsChild(int depth) {
        return depth + 1 < known.length && !known[depth + 1].permitted();
    }

    private Refusal budget(String detail) {
        return Refusal.budget(detail, ledger.policy().reactions());
    }
}
