package dev.errand.state.redis;

import dev.errand.task.record.TaskFormat;
import dev.errand.task.record.TaskFormats;

/**
 * How values are written into the store, and which are read.
 *
 * @param formats the formats of a task's record that are read
 * @param format the one of them that is written
 * @param seal proves who wrote a value
 */
public record RecordTerms(TaskFormats formats, TaskFormat format, Seal seal) {
    /** The newest format, without a proof of who wrote a value. */
    public static final RecordTerms NEWEST =
            RecordTerms.of(TaskFormats.ALL.newest().number(), Seal.NONE);

    /**
     * The terms of a replica that writes the format with this number.
     *
     * @throws IllegalArgumentException if there is no such format
     */
    public static RecordTerms of(int format, Seal seal) {
        return new RecordTerms(TaskFormats.ALL, TaskFormats.ALL.of(format), seal);
    }
}
