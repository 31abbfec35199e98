package dev.errand.state.redis;

import dev.errand.task.Task;
import dev.errand.task.TaskPolicy;
import org.jspecify.annotations.Nullable;

/**
 * The record of a task as this replica read or wrote it last.
 *
 * @param tag the tag under which the store has this record, or an older one
 * @param restores whether the store has an older record; then the next step writes this one over it, whatever else it
 *     does
 */
record CachedRecord(byte[] tag, @Nullable Task task, TaskPolicy policy, boolean restores) {
    CachedRecord(byte[] tag, @Nullable Task task, TaskPolicy policy) {
        this(tag, task, policy, false);
    }

    /** The same record, to be written over the older record that the store has under that tag. */
    CachedRecord over(byte[] olderTag) {
        return task == null ? this : new CachedRecord(olderTag, task.restored(), policy, true);
    }

    /** The same record for a step under that policy. */
    CachedRecord bind(TaskPolicy to) {
        return task == null || to == policy ? this : new CachedRecord(tag, task.rebind(policy, to), to, restores);
    }
}
