package dev.errand.state.redis.link;

import java.time.Clock;
import java.time.Duration;

/**
 * The difference between this replica's wall clock, which judges proofs and tokens, and the store's clock, by which
 * used proofs are forgotten. Thread-safe.
 *
 * @param wall the clock that judges proofs
 * @param most the greatest difference allowed; with a greater one a used proof could be used again
 */
public record ClockSkew(Clock wall, Duration most) {
    /** The system's clock, with any difference allowed. */
    public static final ClockSkew ANY = new ClockSkew(Clock.systemUTC(), Duration.ofDays(36_500));

    /** How far the wall clock is ahead of the store's; zero until the store's time is known. */
    public Duration of(StoreClock store) {
        return store.isKnown() ? Duration.ofMillis(wall.millis() - store.nowMillis()) : Duration.ZERO;
    }

    /** Whether the difference is greater than allowed. */
    public boolean isTooFar(StoreClock store) {
        return store.isKnown() && Math.abs(wall.millis() - store.nowMillis()) > most.toMillis();
    }
}
