package dev.errand.gateway.lines;

import java.util.function.LongSupplier;

/**
 * Counts how many lines may still be written in this second, and how many events were left out. A bucket of Bucket4j does not
 * count the refused ones. Thread-safe.
 */
final class LineBudget {
    /** Lines in a second; one more tells how many were left out. */
    static final int PER_SECOND = 99;

    private static final long SECOND = 1_000_000_000;

    private final LongSupplier nanos;

    // guarded by this
    private long second = Long.MIN_VALUE;
    private int written;
    private long leftOut;

    LineBudget(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Whether this many lines may be written; if not, counts one more event as left out. */
    synchronized boolean take(int lines) {
        long now = Math.floorDiv(nanos.getAsLong(), SECOND);
        if (now != second) {
            second = now;
            written = 0;
        }
        if (written + lines > PER_SECOND) {
            leftOut++;
            return false;
        }
        written += lines;
        return true;
    }

    /** How many events were left out since the last call of this method. */
    synchronized long drain() {
        long drained = leftOut;
        leftOut = 0;
        return drained;
    }
}
