package dev.errand.state.redis;

import dev.errand.task.TaskKey;
import dev.errand.task.state.Task;

/** What a {@link TaskLane} tells its store. */
interface LaneEvents {
    /** Something of the task ended here. */
    void ended(TaskKey key, Task task);

    /**
     * The store came back with an older record of the task than this replica knew.
     *
     * @param interrupted whether the task was ended because only the number of its newest record is known
     */
    void rolledBack(TaskKey key, boolean interrupted);
}
