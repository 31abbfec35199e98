package dev.errand.task;

import dev.errand.limit.Budgets;
import dev.errand.sequence.PlanView;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a task stands, for the holder of a token. Immutable.
 *
 * @param at where plan and rules stand, as the record of a call tells it
 * @param plan what the plan allows; null where there is none
 * @param budgets what is left of absolute budgets, by their names in the record
 * @param buckets the buckets, in the order of their names in the record; of several of one name the one that holds least
 */
public record TaskView(String at, @Nullable PlanView plan, Budgets budgets, List<Bucket> buckets) {
    public TaskView {
        buckets = List.copyOf(buckets);
    }

    /**
     * One bucket.
     *
     * @param name {@code task}, {@code op:<id>} or {@code token:<depth>}
     * @param period in whole seconds
     * @param left whole tokens that it holds
     */
    public record Bucket(String name, long capacity, Duration period, long left) {}
}
