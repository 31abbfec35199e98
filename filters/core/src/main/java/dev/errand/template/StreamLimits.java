package dev.errand.template;

import java.time.Duration;

/**
 * The limits of a task's long answers (SSE, WebSocket, long transfers).
 *
 * @param max how many may be open at once on one replica, 0 or more
 * @param each how long one may last
 */
public record StreamLimits(int max, Duration each) {
    /** The documented default. */
    public static final StreamLimits DEFAULT = new StreamLimits(8, Duration.ofMinutes(30));
}
