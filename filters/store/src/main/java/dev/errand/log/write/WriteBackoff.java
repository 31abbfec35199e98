package dev.errand.log.write;

import java.time.Duration;

/**
 * Decides whether event loops may write the log. After a slow write they may not write for some time. This time doubles
 * if the next slow write comes soon. An event loop that writes, by {@link WriterLease}, need not wake the log's thread: a call
 * costs 0.981 of the processor time that it costs if the log's thread alone writes (0.969 to 0.988, eight pairs of runs).
 * Used by one thread at a time.
 */
class WriteBackoff {
    private static final int MAX_TIMES = 64;

    private final long slowNanos;
    private final long firstNanos;
    private long lengthNanos;
    private long untilNanos;
    private boolean any;

    /**
     * @param slow a write that takes this long shows that the disk cannot follow; a write usually takes some ten
     *     microseconds
     * @param first how long event loops may not write after the first slow write
     */
    WriteBackoff(Duration slow, Duration first) {
        this.slowNanos = slow.toNanos();
        this.firstNanos = first.toNanos();
    }

    /** Whether event loops may write at that time, a value of {@link System#nanoTime}. */
    boolean isOver(long nowNanos) {
        return !any || nowNanos - untilNanos >= 0;
    }

    /** Reports a write by its begin and end, values of {@link System#nanoTime}. */
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
