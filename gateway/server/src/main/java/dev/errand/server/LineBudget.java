package dev.errand.server;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many lines of one cause may be written: some at once, and then some a second (a bucket of Bucket4j). So in any time of at least a
 * second there are at most {@code atOnce + perSecond} of them a second. Counts the events that were left out. Thread-safe.
 */
final class LineBudget {
    private final Bucket bucket;
    private final int atOnce;
    private final AtomicLong leftOut = new AtomicLong();

    LineBudget(int atOnce, int perSecond, TimeMeter time) {
        this.atOnce = atOnce;
        this.bucket = Bucket.builder()
                .addLimit(limit -> limit.capacity(atOnce).refillGreedy(perSecond, Duration.ofSeconds(1)))
                .withCustomTimePrecision(time)
                .build();
    }

    /** Whether this many lines may be written. */
    boolean take(int lines) {
        return lines <= atOnce && bucket.tryConsume(lines);
    }

    /** Counts an event that was left out. */
    void leaveOut() {
        leftOut.incrementAndGet();
    }

    /** How many events were left out since the last call of this method. */
    long drain() {
        return leftOut.getAndSet(0);
    }
}
