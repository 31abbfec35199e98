package dev.errand.task;

import dev.errand.limit.BucketLevel;
import dev.errand.limit.TokenBucket;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How much of one budget or bucket was used at a time. Immutable.
 *
 * @param share the used share, from 0 to 1
 * @param periodMillis the time in which a whole bucket refills; 0 for a budget, which never refills
 */
public record BudgetUse(double share, long periodMillis) {
    /** The most that are kept for one task. */
    public static final int MOST = 4;

    public BudgetUse {
        share = Math.max(0, Math.min(1, share));
    }

    /** The share that is still used this long after it was measured. */
    public double shareAfter(long millis) {
        return periodMillis == 0 ? share : Math.max(0, share - (double) Math.max(0, millis) / periodMillis);
    }

    /**
     * The fullest budgets and buckets of a task at a time, the fullest first.
     *
     * @param chain the accounts of the chain that was used last; tokens that were not read with the task are left out
     */
    public static List<BudgetUse> of(Task task, TaskPolicy policy, List<TokenAccount> chain, long nowMillis) {
        List<BudgetUse> uses = new ArrayList<>();
        budget(uses, policy.calls(), task.calls());
        buckets(uses, "", policy.limits(), task.buckets(), nowMillis);
        policy.operationLimits()
                .forEach((operation, limits) -> buckets(uses, operation, limits, task.buckets(), nowMillis));
        for (TokenAccount account : chain) {
            if (!task.tokens().tells(account.id())) {
                continue;
            }
            TokenRecord token = task.tokens().get(account.id());
            budget(uses, account.calls(), token.calls());
            for (TokenAccount.Limit limit : account.limits()) {
                bucket(uses, limit.bucket(), token.levels().get(limit.place()), nowMillis);
            }
        }
        uses.sort(Comparator.comparingDouble(BudgetUse::share).reversed());
        return List.copyOf(uses.size() > MOST ? uses.subList(0, MOST) : uses);
    }

    private static void buckets(
            List<BudgetUse> uses,
            String operation,
            List<TokenBucket> limits,
            Map<BucketName, BucketLevel> levels,
            long nowMillis) {
        for (int i = 0; i < limits.size(); i++) {
            bucket(uses, limits.get(i), levels.get(BucketName.of(operation, i)), nowMillis);
        }
    }

    private static void bucket(List<BudgetUse> uses, TokenBucket bucket, @Nullable BucketLevel level, long nowMillis) {
        if (level != null) {
            double left = bucket.available(level, nowMillis);
            uses.add(new BudgetUse(
                    1 - left / bucket.bandwidth().capacity(),
                    bucket.bandwidth().period().toMillis()));
        }
    }

    private static void budget(List<BudgetUse> uses, @Nullable Long whole, long used) {
        if (whole != null) {
            uses.add(new BudgetUse(whole == 0 ? 1 : (double) used / whole, 0));
        }
    }
}
