package dev.errand.web.refusal;

import java.util.function.LongSupplier;

/**
 * How many of a kind are recorded one by one in each second of a replica. A bucket of Bucket4j refills all the time; here a new
 * second begins anew, as the record of what was left out in a second needs it. Thread-safe.
 */
final class PerSecond {
    private static final long SECOND_NANOS = 1_000_000_000;

    private final int most;
    private final LongSupplier nanoTime;

    // guarded by this
    private long second;
    private int taken;

    /** @param nanoTime a clock as {@link System#nanoTime} */
    PerSecond(int most, LongSupplier nanoTime) {
        this.most = most;
        this.nanoTime = nanoTime;
    }

    /** Whether there is room for one more in this second; takes it if so. */
    synchronized boolean take() {
        long now = Math.floorDiv(nanoTime.getAsLong(), SECOND_NANOS);
        if (now != second) {
            second = now;
            taken = 0;
        }
        if (taken >= most) {
            return false;
        }
        taken++;
        return true;
    }
}
