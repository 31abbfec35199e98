package dev.errand.state.redis;

import dev.errand.state.redis.seal.Seal;
import dev.errand.task.record.TaskFormat;

/**
 * How values are written into the store.
 *
 * @param format a format of {@link TaskFormat}; a task that this format cannot hold stays in a newer one
 * @param seal proves who wrote a value
 */
public record RecordTerms(int format, Seal seal) {
    /** The newest format, without a proof of who wrote a value. */
    public static final RecordTerms NEWEST = new RecordTerms(TaskFormat.NEWEST, Seal.NONE);

    public RecordTerms {
        if (format < TaskFormat.OLDEST || format > TaskFormat.NEWEST) {
            throw new IllegalArgumentException("'errand.state.format' must be " + TaskFormat.OLDEST + " to "
                    + TaskFormat.NEWEST + ", was " + format);
        }
    }

    /** Whether values may be written that builds with only the oldest format cannot read. */
    boolean isParted() {
        return format > TaskFormat.OLDEST;
    }

    /** The value to store, sealed unless the format is the oldest: builds with only that format cannot read a seal. */
    byte[] sealed(byte[] key, byte[] value) {
        return sealed(key, value, format);
    }

    /** The value to store if it belongs to a record of that format. */
    byte[] sealed(byte[] key, byte[] value, int written) {
        return written > TaskFormat.OLDEST ? seal.seal(key, value) : value;
    }
}
