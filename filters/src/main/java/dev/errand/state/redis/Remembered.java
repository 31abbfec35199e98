package dev.errand.state.redis;

import dev.errand.task.TaskPolicy;
import dev.errand.task.state.Task;
import org.jspecify.annotations.Nullable;

/**
 * The record as this replica read or wrote it last.
 *
 * @param tag under which the store has it, or has an older one in its place
 * @param restores whether the store has an older one, over which this is to be written whatever the next step does
 */
record Remembered(byte[] tag, @Nullable Task task, TaskPolicy policy, boolean restores) {
    Remembered(byte[] tag, @Nullable Task task, TaskPolicy policy) {
        this(tag, task, policy, false);
    }

    /** The same task, to be written over an older record of it, which the store has under that tag. */
    Remembered over(byte[] olderTag) {
        return task == null ? this : new Remembered(olderTag, task.restored(), policy, true);
    }

    /** The same, as a step under that policy reads it. */
    Remembered bind(TaskPolicy to) {
        return task == null || to == policy ? this : new Remembered(tag, task.rebind(policy, to), to, restores);
    }
}
