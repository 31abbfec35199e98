package dev.errand.state.redis;

import dev.errand.task.Task;
import dev.errand.task.TaskKey;

/** Events that a {@link TaskLane} reports to its store. */
interface LaneEvents {
    /** A step of this replica ended the task or a token of it. */
    void ended(TaskKey key, Task task);

    /**
     * The store had an older record of the task than this replica knew.
     *
     * @param interrupted whether the task was ended because only the number of its newest record is known
     */
    void rolledBack(TaskKey key, boolean interrupted);

    /**
     * This replica marked several proofs of the task as used.
     *
     * @param untilMillis until when these marks are needed, by the store's time
     * @param overMillis when the task ends at the latest
     */
    void marked(TaskKey key, long untilMillis, long overMillis);
}
