package dev.errand.task.record;

import dev.errand.task.TaskState;
import dev.errand.task.state.RecordBytes;
import dev.errand.task.state.Task;
import org.jspecify.annotations.Nullable;

/**
 * The facts in the head of a task's record, which can be read without a policy. Immutable.
 *
 * @param ended how the task ended early; {@code ACTIVE} if it did not
 * @param why the sentence for the task's holders; null if the task did not end early
 * @param beganMillis when the task's record began, epoch milliseconds of the store; 0 if the record's format does not
 *     have it
 * @param steppedMillis the time of the last step, epoch milliseconds of the store
 * @param expiresMillis when the task ends by itself, epoch milliseconds
 */
public record TaskGlance(
        TaskState ended, @Nullable String why, long beganMillis, long steppedMillis, long expiresMillis) {
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

    /**
     * Reads the head of a record of any format.
     *
     * @throws IllegalArgumentException for bytes that {@link TaskFormat#write} did not write
     */
    public static TaskGlance read(byte[] record, int offset) {
        RecordBytes in = RecordBytes.of(record, offset);
        int format = in.readByte();
        boolean parted = format >= PartedRecord.FORMAT && format <= PartedRecord.RULES;
        if (!parted && format != WholeRecord.FORMAT && format != WholeRecord.WITHOUT_SESSIONS) {
            throw new IllegalArgumentException("the record of a task has the unknown format " + format);
        }
        int flags = in.readByte();
        in.readFixed();
        long began = 0;
        long stepped;
        long expires;
        if (parted) {
            in.readVar();
            began = in.readVar();
            stepped = began + in.readSigned();
            expires = began + in.readSigned();
        } else {
            stepped = in.readVar();
            expires = stepped + in.readSigned();
        }
        in.readVar();
        String why = (flags & 8) != 0 ? in.readText() : null;
        return new TaskGlance(TaskState.values()[flags & 3], why, began, stepped, expires);
    }
}
