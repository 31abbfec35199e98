package dev.errand.state.redis;

import dev.errand.task.TaskKey;
import dev.errand.task.state.Task;

/**
 * What a lane owes the hash of its task besides the steps: a time at which the hash expires, the removal of marks, and
 * the form that suits their number.
 * Used by one batch at a time.
 */
final class LaneUpkeep {
    /** The most marks within the time of a mark for which the small form of a hash is fast. */
    private static final int SMALL = 32;

    /** Whether this replica made the hash and does not know whether it expires. */
    private boolean endless;

    /** The marks that this replica made since it last noted the task. */
    private int marks;

    /** Until when the task is noted for the removal of marks. */
    private long notedUntilMillis;

    /** Whether the hash has so many marks that the store finds a field in its small form too slowly. */
    private boolean large;

    boolean isSmall() {
        return !large;
    }

    /** Called before a script may make the hash. */
    void making() {
        endless = true;
    }

    boolean isEndless() {
        return endless;
    }

    /** Called when the store has taken the time at which the hash expires. */
    void expires() {
        endless = false;
    }

    /**
     * Counts marks that a step made.
     *
     * @param untilMillis until when they are needed
     */
    void marked(TaskKey key, Task task, int made, long untilMillis, LaneEvents events) {
        marks += made;
        large |= marks > SMALL;
        if (marks >= UsedProofs.SPARED && task.timeMillis() >= notedUntilMillis) {
            marks = 0;
            notedUntilMillis = untilMillis;
            events.marked(key, untilMillis, task.expiresAtMillis());
        }
    }
}
