package dev.errand.json;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Durations as a configuration writes them: a whole number and one of ms, s, m, h, d. Spring's own reader also accepts
 * negative durations, and reads a number without a unit as milliseconds. Thread-safe.
 */
public final class Durations {
    public static final String PATTERN = "(0|[1-9][0-9]{0,11})(ms|s|m|h|d)";

    private static final long MAX_MILLIS = 366L * 86_400_000;

    private Durations() {}

    /** Parses a duration of at most 366 days; null for any other text. */
    public static @Nullable Duration parse(String text) {
        int digits = 0;
        while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
            digits++;
        }
        if (digits == 0 || digits > 12 || (digits > 1 && text.charAt(0) == '0')) {
            return null;
        }
        long unitMillis = switch (text.substring(digits)) {
            case "ms" -> 1;
            case "s" -> 1000;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            case "d" -> 86_400_000;
            default -> 0;
        };
        long value = Long.parseLong(text.substring(0, digits));
        return unitMillis == 0 || value > MAX_MILLIS / unitMillis ? null : Duration.ofMillis(value * unitMillis);
    }

    /** The duration in the largest unit that divides it. */
    public static String print(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 86_400_000 == 0 && millis > 0) {
            return millis / 86_400_000 + "d";
        } else if (millis % 3_600_000 == 0 && millis > 0) {
            return millis / 3_600_000 + "h";
        } else if (millis % 60_000 == 0 && millis > 0) {
            return millis / 60_000 + "m";
        }
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }
}
