package dev.errand.state.redis;

import dev.errand.task.Task;
import dev.errand.task.TaskPolicy;
import org.jspecify.annotations.Nullable;

/** The record as this replica read or wrote it last. */
record Remembered(byte[] tag, @Nullable Task task, TaskPolicy policy) {
    /** The same, as a step under that policy reads it. */
    Remembered bind(TaskPolicy to) {
        return task == null || to == policy ? this : new Remembered(tag, task.rebind(policy, to), to);
    }
}
