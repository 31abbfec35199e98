package dev.errand.task.template;

import java.time.Duration;

/**
 * The bounds of long answers of a task (SSE, WebSocket, long transfers).
 *
 * @param max how many at once on one replica, 0 or more
 * @param each how long one may last
 */
public record StreamLimits(int max, Duration each) {
    /** The contract's default. */
    public static final StreamLimits DEFAULT = new StreamLimits(8, Duration.ofMinutes(30));
}
