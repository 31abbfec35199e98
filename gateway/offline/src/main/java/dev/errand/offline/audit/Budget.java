package dev.errand.offline.audit;

import dev.errand.json.Durations;
import dev.errand.limit.Bandwidth;
import dev.errand.offline.learn.Draft;
import dev.errand.offline.learn.PeakUsage;
import dev.errand.offline.replay.RecordedTask;
import dev.errand.template.Template;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A bound: what was granted, and the most that one task used of it.
 *
 * @param name such as {@code calls} or {@code vault:kv.read per 1m}
 * @param granted null for no bound
 */
record Budget(String name, @Nullable Long granted, long used) {
    static List<Budget> of(Template template, List<RecordedTask> tasks, Draft draft) {
        List<Budget> budgets = new ArrayList<>();
        budgets.add(new Budget(
                "calls", template.limits().calls(), PeakUsage.calls(tasks).amount()));
        for (Bandwidth limit : template.limits().task()) {
            budgets.add(of("task", null, limit, tasks));
        }
        template.limits()
                .operations()
                .forEach((id, limits) -> limits.forEach(limit -> budgets.add(of(id, id, limit, tasks))));
        budgets.add(new Budget("max-depth", (long) template.delegation().maxDepth(), draft.depth()));
        if (template.delegation().maxDepth() > 0) {
            budgets.add(new Budget("max-children", template.delegation().maxChildren(), draft.children()));
        }
        return budgets;
    }

    private static Budget of(String name, @Nullable String operation, Bandwidth limit, List<RecordedTask> tasks) {
        // Recorded times differ from the store's by milliseconds, so the peak may seem to exceed an enforced bound.
        long peak = PeakUsage.capacity(tasks, operation, limit.period()).amount();
        return new Budget(
                name + " per " + Durations.print(limit.period()),
                limit.capacity(),
                limit.observe() ? peak : Math.min(limit.capacity(), peak));
    }

    /** Whether less was used than granted. */
    boolean isSpare() {
        return granted == null || used < granted;
    }

    String toText() {
        return name + ": used " + used + " of " + (granted == null ? "any number" : granted);
    }
}
