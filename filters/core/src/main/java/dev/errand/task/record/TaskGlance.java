package dev.errand.task.record;

import dev.errand.task.Task;
import dev.errand.task.TaskEpoch;
import dev.errand.task.TaskState;
import org.jspecify.annotations.Nullable;

/**
 * The facts in the head of a task's record, which can be read without a policy. Immutable.
 *
 * @param ended how the task ended early; {@code ACTIVE} if it did not
 * @param why the sentence for the task's holders; null if the task did not end early
 * @param steps how many steps changed the task
 * @param beganMillis when the task's record began, epoch milliseconds of the store
 * @param steppedMillis the time of the last step, epoch milliseconds of the store
 * @param expiresMillis when the task ends by itself, epoch milliseconds
 * @param calls how many calls were used
 */
public record TaskGlance(
        TaskState ended,
        @Nullable String why,
        long steps,
        long beganMillis,
        long steppedMillis,
        long expiresMillis,
        long calls) {
    /** The position of the record among the records of its task. */
    public TaskEpoch epoch() {
        return new TaskEpoch(beganMillis, steps, steppedMillis);
    }

    /** The task's state at a time, epoch milliseconds. */
    public TaskState state(long nowMillis) {
        return ended == TaskState.ACTIVE && nowMillis >= expiresMillis ? TaskState.EXPIRED : ended;
    }

    /** Whether it was interrupted because the store lost acknowledged writes. */
    public boolean isRolledBack() {
        return Task.ROLLED_BACK.equals(why);
    }

    /** Whether a reaction of its template interrupted it. */
    public boolean isByPolicy() {
        return why != null && why.startsWith(Task.BY_POLICY);
    }
}
