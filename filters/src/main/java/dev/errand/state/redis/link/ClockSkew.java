package dev.errand.state.redis.link;

import java.time.Clock;
import java.time.Duration;

/**
 * How far this replica's wall clock, by which proofs and tokens are judged, is from the store's, by which used proofs are
 * forgotten. Thread-safe.
 *
 * @param wall the clock that proofs are judged by
 * @param most how far they may be apart; beyond it a used proof could be taken again
 */
public record ClockSkew(Clock wall, Duration most) {
    /** The system's clock, whatever it says. */
    public static final ClockSkew ANY = new ClockSkew(Clock.systemUTC(), Duration.ofDays(36_500));

    /** How far ahead of the store the wall clock is; zero while the store's is not known. */
    public Duration of(StoreClock store) {
        return store.isKnown() ? Duration.ofMillis(wall.millis() - store.nowMillis()) : Duration.ZERO;
    }

    /** Whether the clocks are further apart than they may be. */
    public boolean isTooFar(StoreClock store) {
        return store.isKnown() && Math.abs(wall.millis() - store.nowMillis()) > most.toMillis();
    }
}
