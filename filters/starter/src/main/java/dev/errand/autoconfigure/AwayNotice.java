package dev.errand.autoconfigure;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Decides when the log reports that a dependency is away, and that it is back. An absence is reported at most once in
 * {@value #PAUSE_SECONDS} s, however often the dependency comes and goes. A return is reported only if the absence was.
 * Used by one thread at a time. Time is an argument.
 */
final class AwayNotice {
    static final long PAUSE_SECONDS = 60;

    private static final long PAUSE_NANOS = Duration.ofSeconds(PAUSE_SECONDS).toNanos();

    private boolean away;
    private long awaySinceNanos;
    private boolean everTold;
    private long toldNanos;
    private boolean returnUntold;

    /** The log line to write. */
    sealed interface Line {
        /** The dependency has been away for that long. */
        record Away(Duration since) implements Line {}

        /** The dependency is back, after that long. */
        record Back(Duration after) implements Line {}
    }

    /**
     * Takes the dependency's state.
     *
     * @param nowNanos {@link System#nanoTime}
     * @return the line to write now, or null
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
