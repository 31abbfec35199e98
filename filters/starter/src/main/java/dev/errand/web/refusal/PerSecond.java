package dev.errand.web.refusal;

import java.util.function.LongSupplier;

/**
 * Bounds how many refusals of a kind a replica records one by one in each second. A bucket of Bucket4j refills continuously; this
 * count starts again with each second, as does the record that counts the refusals beyond it. Thread-safe.
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
