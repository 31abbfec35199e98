package dev.errand.state.redis;

import dev.errand.state.redis.seal.Seal;
import dev.errand.task.record.TaskFormat;

/**
 * How values are written into the store.
 *
 * @param format one that {@link TaskFormat} names; a task that it cannot hold keeps a newer one
 * @param seal what shows who wrote them
 */
public record RecordTerms(int format, Seal seal) {
    /** The newest format, with nothing that shows who wrote it. */
    public static final RecordTerms NEWEST = new RecordTerms(TaskFormat.NEWEST, Seal.NONE);

    public RecordTerms {
        if (format < TaskFormat.OLDEST || format > TaskFormat.NEWEST) {
            throw new IllegalArgumentException("'errand.state.format' must be " + TaskFormat.OLDEST + " to "
                    + TaskFormat.NEWEST + ", was " + format);
        }
    }

    /** Whether values may be written that no build reads which knows the oldest format only. */
    boolean isParted() {
        return format > TaskFormat.OLDEST;
    }

    /** A value as it is to be stored. The builds that know the oldest format only read no code. */
    byte[] sealed(byte[] key, byte[] value) {
        return sealed(key, value, format);
    }

    /** The same for a value that belongs to a record of that format. */
    byte[] sealed(byte[] key, byte[] value, int written) {
        return written > TaskFormat.OLDEST ? seal.seal(key, value) : value;
    }
}
