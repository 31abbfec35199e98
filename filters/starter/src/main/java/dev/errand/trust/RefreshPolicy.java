package dev.errand.trust;

import java.time.Duration;

/**
 * How a fetched document is refreshed.
 *
 * @param refreshAfter the age at which it is fetched again in the background
 * @param coolDown the least time between two fetches, for all callers; it bounds the fetches if many unknown keys are
 *     asked for
 * @param staleAfter the age at which a revision is no longer used, even if its source is down; at least
 *     {@code refreshAfter}
 * @param breakerOpen how long a source is not asked after four failures in a row
 */
public record RefreshPolicy(Duration refreshAfter, Duration coolDown, Duration staleAfter, Duration breakerOpen) {
    /** Five minutes, ten seconds, an hour, thirty seconds. */
    public static final RefreshPolicy DEFAULT = new RefreshPolicy(
            Duration.ofMinutes(5), Duration.ofSeconds(10), Duration.ofHours(1), Duration.ofSeconds(30));

    public RefreshPolicy {
        if (coolDown.toMillis() < 1 || staleAfter.compareTo(refreshAfter) < 0 || breakerOpen.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "cool-down and breaker-open must be 1 ms or more, and stale-after at least refresh-after");
        }
    }
}
