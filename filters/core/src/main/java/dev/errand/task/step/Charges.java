package dev.errand.task.step;

import dev.errand.limit.BucketLevel;
import dev.errand.limit.Budgets;
import dev.errand.task.BucketName;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import dev.errand.task.TokenLevels;
import dev.errand.task.TokenRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The amounts that one call takes from its buckets: first from those of the task and of each operation, then from those
 * of each token of the chain, root first. Only {@link #debit} changes the working copy; {@link #debited} returns the
 * new levels of the tokens' buckets. Not thread-safe; used within one step.
 */
final class Charges {
    private final Ledger ledger;
    private final TaskPolicy policy;
    private final List<Charge> charges;
    /** By depth, the index at which the charges of each token begin; then the index after the last charge. */
    private final int[] begins;
    /** The level of each bucket after the call, in the same order; null if nothing is taken from it. */
    private final List<@Nullable BucketLevel> taken = new ArrayList<>();

    /** @param known the record of each token of the chain */
    Charges(Ledger ledger, TaskStep.Call call, TokenRecord[] known) {
        this.ledger = ledger;
        this.policy = ledger.policy();
        this.begins = new int[known.length + 1];
        this.charges = Charge.ofTemplate(policy, call.calls(), ledger::level);
        addTokens(call, known);
    }

    private void addTokens(TaskStep.Call call, TokenRecord[] known) {
        int cost = call.calls().size();
        for (int depth = 0; depth < known.length; depth++) {
            begins[depth] = charges.size();
            TokenLevels levels = known[depth].levels();
            for (TokenAccount.Limit limit : call.chain().get(depth).limits()) {
                int place = limit.place();
                charges.add(new Charge(
                        Charge.tokenName(depth),
                        depth,
                        BucketName.of("", place),
                        limit.bucket(),
                        levels.get(place),
                        cost));
            }
        }
        begins[known.length] = charges.size();
    }

    /** The number of buckets. */
    int size() {
        return charges.size();
    }

    /**
     * The refusal of the first bucket whose capacity is too small for the call, or null; adds observed ones to the
     * list.
     */
    @Nullable Refusal beyondCapacity(List<Refusal> observed) {
        for (Charge charge : charges) {
            if (!charge.bucket().admits(charge.cost())) {
                Refusal refusal = Refusal.beyondCapacity(charge, policy.reactions());
                if (!isObserved(charge)) {
                    return refusal;
                }
                observed.add(refusal);
            }
        }
        return null;
    }

    /**
     * The refusal of the bucket that takes longest until the call fits, or null; adds observed ones to the list. Call
     * it once, before {@link #debit}.
     */
    @Nullable Refusal take(List<Refusal> observed) {
        Refusal worst = null;
        for (Charge charge : charges) {
            boolean admitted = charge.bucket().admits(charge.cost());
            BucketLevel level =
                    admitted ? charge.bucket().consume(charge.level(), charge.cost(), ledger.nowMillis()) : null;
            taken.add(level);
            if (!admitted || level != null) {
                continue;
            }
            Refusal refusal = Refusal.rate(charge.advice(ledger.nowMillis()), policy.reactions());
            if (isObserved(charge)) {
                observed.add(refusal);
            } else if (worst == null || refusal.waits().compareTo(worst.waits()) > 0) {
                worst = refusal;
            }
        }
        return worst;
    }

    private boolean isObserved(Charge charge) {
        return policy.observe() || charge.isObserved();
    }

    /**
     * Sets the new levels of the template's buckets in the working copy; for tokens see {@link #debited(int,
     * TokenLevels)}.
     */
    void debit() {
        for (int i = 0; i < begins[0]; i++) {
            BucketLevel level = taken.get(i);
            if (level != null) {
                ledger.put(charges.get(i).key(), level);
            }
        }
    }

    /** The levels of the buckets of the token at that depth after the call. */
    TokenLevels debited(int depth, TokenLevels before) {
        TokenLevels levels = before;
        for (int i = begins[depth]; i < begins[depth + 1]; i++) {
            BucketLevel level = taken.get(i);
            if (level != null) {
                levels = levels.with(charges.get(i).key().index(), level);
            }
        }
        return levels;
    }

    /** Adds what is left in each bucket, under the bucket's name. */
    void left(Budgets.Builder left, TokenRecord[] known) {
        for (Charge charge : charges) {
            BucketLevel level = charge.isOfTemplate()
                    ? ledger.level(charge.key())
                    : known[charge.owner()].levels().get(charge.key().index());
            left.add(charge.budgetName(), charge.bucket().available(level, ledger.nowMillis()));
        }
    }
}
