package dev.errand.autoconfigure.metrics;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When the log says that a dependency is away, and when it says that the dependency is back. An absence is told at most once in
 * {@value #PAUSE_SECONDS} s, however often the dependency comes and goes. A return is told only if the absence was. Used by one
 * thread at a time. Takes time as an argument.
 */
final class AwayNotice {
    static final long PAUSE_SECONDS = 10;

    private static final long PAUSE_NANOS = Duration.ofSeconds(PAUSE_SECONDS).toNanos();

    private boolean away;
    private long awaySinceNanos;
    private boolean everTold;
    private long toldNanos;
    private boolean returnUntold;

    /** What is to be said now. */
    sealed interface Line {
        /** The dependency has been away for that long. */
        record Away(Duration since) implements Line {}

        /** The dependency is back, after that long. */
        record Back(Duration after) implements Line {}
    }

    /**
     * Takes what readiness knows.
     *
     * @param nowNanos {@link System#nanoTime}
     * @return what is to be said, or null
     */
    @Nullable Line look(boolean available, long nowNanos) {
        if (available) {
            boolean tell = away && returnUntold;
            away = false;
            if (!tell) {
                return null;
            }
            returnUntold = false;
            return new Line.Back(Duration.ofNanos(nowNanos - awaySinceNanos));
        }
        if (!away) {
            away = true;
            awaySinceNanos = nowNanos;
        }
        if (everTold && nowNanos - toldNanos < PAUSE_NANOS) {
            return null;
        }
        everTold = true;
        toldNanos = nowNanos;
        returnUntold = true;
        return new Line.Away(Duration.ofNanos(nowNanos - awaySinceNanos));
    }
}
