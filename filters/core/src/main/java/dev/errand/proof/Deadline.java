package dev.errand.proof;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The end of the time for a computation. Immutable.
 *
 * @param clock a monotonic clock, in nanoseconds
 * @param endNanos on that clock
 */
public record Deadline(LongSupplier clock, long endNanos) {
    /** A deadline that much later than now. */
    public static Deadline after(Duration time, LongSupplier clock) {
        return new Deadline(clock, clock.getAsLong() + time.toNanos());
    }

    boolean isOver() {
        return clock.getAsLong() - endNanos > 0;
    }
}
