package dev.errand.provenance.log;

import java.time.Duration;

/**
 * Whether event loops write: not for a while after a write that took long, and twice as long each time that happens again soon.
 * Used by one thread at a time.
 */
class Caution {
    private static final int MAX_TIMES = 64;

    private final long slowNanos;
    private final long firstNanos;
    private long lengthNanos;
    private long untilNanos;
    private boolean any;

    /**
     * @param slow a write that takes so long met a disk that cannot follow; it usually takes some ten microseconds
     * @param first how long loops do not write after the first
     */
    Caution(Duration slow, Duration first) {
        this.slowNanos = slow.toNanos();
        this.firstNanos = first.toNanos();
    }

    /** Whether loops may write at that time, of {@link System#nanoTime}. */
    boolean isOver(long nowNanos) {
        return !any || nowNanos - untilNanos >= 0;
    }

    /** A write began and ended then. */
    void wrote(long beganNanos, long endedNanos) {
        if (endedNanos - beganNanos < slowNanos) {
            return;
        }
        boolean soon = any && endedNanos - untilNanos < MAX_TIMES * firstNanos;
        lengthNanos = soon ? Math.min(2 * lengthNanos, MAX_TIMES * firstNanos) : firstNanos;
        untilNanos = endedNanos + lengthNanos;
        any = true;
    }
}
