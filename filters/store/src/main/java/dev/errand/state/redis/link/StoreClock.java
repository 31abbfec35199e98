package dev.errand.state.redis.link;

import java.util.concurrent.TimeUnit;

/**
 * The store's clock, estimated from its answers and this process's monotonic clock, so that no replica's wall clock
 * moves a bucket. Thread-safe.
 */
public final class StoreClock {
    private static final long LOOSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long STALE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private volatile Estimate estimate = new Estimate(false, 0, Long.MAX_VALUE, 0);

    /**
     * Takes the time that the store gave in an answer.
     *
     * @param askedNanos the monotonic time when it was asked
     * @param answeredNanos the monotonic time when the answer came
     * @param storeMicros the store's time, epoch microseconds
     */
    public synchronized void heard(long askedNanos, long answeredNanos, long storeMicros) {
        Estimate last = estimate;
        long roundTrip = answeredNanos - askedNanos;
        boolean better = roundTrip <= LOOSE_NANOS
                || roundTrip <= last.roundTripNanos
                || answeredNanos - last.atNanos > STALE_NANOS;
        if (!last.known || better) {
            long middle = askedNanos + roundTrip / 2;
            estimate =
                    new Estimate(true, TimeUnit.MICROSECONDS.toNanos(storeMicros) - middle, roundTrip, answeredNanos);
        }
    }

    /** Whether the store has told its time. */
    public boolean isKnown() {
        return estimate.known;
    }

    /** The store's current time, epoch milliseconds. */
    public long nowMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() + estimate.offsetNanos);
    }

    private record Estimate(boolean known, long offsetNanos, long roundTripNanos, long atNanos) {}
}
