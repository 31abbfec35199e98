package dev.errand.task;

import dev.errand.limit.Budgets;
import dev.errand.sequence.PlanView;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of a task, for the holder of a token. Immutable.
 *
 * @param at the state of plan and rules, in the form that the record of a call has
 * @param plan what the plan allows; null without a plan
 * @param budgets what is left of absolute budgets, by their names in the record
 * @param buckets sorted by their names in the record; of several with one name, the one that holds least
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
     * @param left whole tokens that are left
     */
    public record Bucket(String name, long capacity, Duration period, long left) {}
}
