package dev.errand.task.step;

import dev.errand.limit.BucketLevel;
import dev.errand.limit.Budgets;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import dev.errand.task.limit.BucketName;
import dev.errand.task.limit.Charge;
import dev.errand.task.state.TokenLevels;
import dev.errand.task.state.TokenRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The amounts that one call takes from its buckets: first from those of the task and of each operation, then from those
 * of each token of the chain, root first. It changes the working copy only in {@link #debit}, and returns the new
 * levels of the tokens' buckets. Not thread-safe; lives within one step.
 */
final class Charges {
    private final Ledger ledger;
    private final TaskPolicy policy;
    private final List<Charge> charges;
    /** Where those of each token begin, by its depth, and where the last one's end. */
    private final int[] begins;
    /** What each leaves in its bucket, in the same order; null where the bucket is not taken from. */
    private final List<@Nullable BucketLevel> taken = new ArrayList<>();

    /** @param known what is known of each token of the chain */
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

    /** How many buckets there are. */
    int size() {
        return charges.size();
    }

    /** The refusal of the first bucket that never holds what the call costs, or null; those of observed ones are added. */
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
     * The refusal of the bucket that takes longest to hold what the call costs, or null; those of observed ones are added.
     * To be called once, before {@link #debit}.
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

    /** Puts what is left in the template's buckets into the working copy; the tokens' are {@link #debited(int, TokenLevels)}. */
    void debit() {
        for (int i = 0; i < begins[0]; i++) {
            BucketLevel level = taken.get(i);
            if (level != null) {
                ledger.put(charges.get(i).key(), level);
            }
        }
    }

    /** What the buckets of the token at that depth hold after the call. */
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

    /** Adds what each bucket holds now, by its name among what is left. */
    void left(Budgets.Builder left, TokenRecord[] known) {
        for (Charge charge : charges) {
            BucketLevel level = charge.isOfTemplate()
                    ? ledger.level(charge.key())
                    : known[charge.owner()].levels().get(charge.key().index());
            left.add(charge.budgetName(), charge.bucket().available(level, ledger.nowMillis()));
        }
    }
}
