package dev.errand.task.step;

import dev.errand.limit.BucketLevel;
import dev.errand.limit.TokenBucket;
import dev.errand.task.BucketName;
import dev.errand.task.TaskPolicy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The levels of the template's buckets in the working copy of a task, without those of full buckets. Not thread-safe.
 */
final class BucketLevels {
    private final TaskPolicy policy;
    private final long nowMillis;
    private Map<BucketName, BucketLevel> levels;
    private boolean changed;

    /** @param before the levels before the step; the map is never changed */
    public BucketLevels(TaskPolicy policy, Map<BucketName, BucketLevel> before, long nowMillis) {
        this.policy = policy;
        this.levels = before;
        this.nowMillis = nowMillis;
    }

    /** The level of a bucket; null if it is full. */
    public @Nullable BucketLevel get(BucketName name) {
        return levels.get(name);
    }

    public void put(BucketName name, BucketLevel level) {
        if (!changed) {
            levels = new HashMap<>(levels);
            changed = true;
        }
        levels.put(name, level);
    }

    /** All levels; call it last, since the map is given away. The same map as before if nothing changed. */
    public Map<BucketName, BucketLevel> close() {
        if (changed) {
            levels.entrySet().removeIf(this::isFullAgain);
        }
        return levels;
    }

    private boolean isFullAgain(Map.Entry<BucketName, BucketLevel> entry) {
        List<TokenBucket> limits = entry.getKey().operation().isEmpty()
                ? policy.limits()
                : policy.operationLimits().getOrDefault(entry.getKey().operation(), List.of());
        int index = entry.getKey().index();
        return index < limits.size() && limits.get(index).isFull(entry.getValue(), nowMillis);
    }
}
