package dev.errand.limit;

import java.time.Duration;

/**
 * The configuration of one token bucket: {@code capacity} tokens, full at first, refilled evenly within {@code period}.
 *
 * @param capacity 1 or more
 * @param period 1 millisecond or more
 * @param observe whether exceeding it is only recorded
 */
public record Bandwidth(long capacity, Duration period, boolean observe) {
    public Bandwidth {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity must be 1 or more, was " + capacity);
        }
        if (period.toMillis() < 1) {
            throw new IllegalArgumentException("period must be 1ms or more, was " + period);
        }
    }
}
