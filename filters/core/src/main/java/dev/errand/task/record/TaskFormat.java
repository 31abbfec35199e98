package dev.errand.task.record;

import dev.errand.task.RecordBytes;
import dev.errand.task.Task;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One format of a task's record. The number of its format is the first byte of a record. {@link TaskFormats} has all
 * formats. Thread-safe.
 */
public interface TaskFormat {
    /** The number of the format, 1 to 127. */
    int number();

    /**
     * The stored form of the task.
     *
     * @param version the version of the parts that are written with it: random, and not 0
     */
    StoredTask write(Task task, TaskPolicy policy, long version);

    /**
     * Reads a record.
     *
     * @param in the record after its number
     * @param parts the parts that were fetched with it, by name
     * @param known the task as it was known before, under the same policy; its unchanged parts are reused
     * @param steps the steps to apply: parts that none of them needs may be missing
     * @throws IllegalArgumentException for bytes that {@link #write} did not write
     */
    Reading read(
            RecordBytes in,
            Map<String, byte[]> parts,
            @Nullable Task known,
            TaskPolicy policy,
            List<? extends TaskStep> steps);

    /**
     * Reads the head of a record.
     *
     * @param in the record after its number
     * @throws IllegalArgumentException for bytes that {@link #write} did not write
     */
    TaskGlance glance(RecordBytes in);
}
