package dev.errand.task.limit;

import dev.errand.limit.BucketLevel;
import dev.errand.limit.TokenBucket;
import dev.errand.task.TaskPolicy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the template's buckets hold in the working copy of a task; a bucket that is full is not among them. Not thread-safe. */
public final class BucketLevels {
    private final TaskPolicy policy;
    private final long nowMillis;
    private Map<BucketName, BucketLevel> levels;
    private boolean changed;

    /** @param before what they held; it is never changed */
    public BucketLevels(TaskPolicy policy, Map<BucketName, BucketLevel> before, long nowMillis) {
        this.policy = policy;
        this.levels = before;
        this.nowMillis = nowMillis;
    }

    /** Null for a full one. */
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

    /** All of them, given away; the very same map as before if none changed. */
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
