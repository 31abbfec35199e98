package dev.errand.operator;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.web.reactive.function.server.ServerRequest;

/** The query parameters of a request. Each is known and given once. Immutable. */
record Parameters(Map<String, String> values) {
    private static final int MOST_CHARACTERS = 4_096;

    /** A parameter or body is not valid; the message is for the operator. */
    public static final class UnfitException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public UnfitException(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * The parameters of a request.
     *
     * @throws UnfitException for a parameter that is not known, given twice, empty or too long
     */
    public static Parameters of(ServerRequest request, Set<String> known) {
        Map<String, String> values = new HashMap<>();
        for (Map.Entry<String, List<String>> parameter : request.queryParams().entrySet()) {
            String name = parameter.getKey();
            if (!known.contains(name)) {
                throw new UnfitException("there is no parameter '" + (name.length() > 64 ? name.substring(0, 64) : name)
                        + "' here: "
                        + (known.isEmpty()
                                ? "there are none"
                                : "there are " + known.stream().sorted().toList()));
            }
            String value =
                    parameter.getValue().size() == 1 ? parameter.getValue().get(0) : null;
            if (value == null || value.isEmpty() || value.length() > MOST_CHARACTERS) {
                throw new UnfitException(
                        "'" + name + "' must be given once, with 1 to " + MOST_CHARACTERS + " characters");
            }
            values.put(name, value);
        }
        return new Parameters(values);
    }

    /** The value, or null. */
    public @Nullable String get(String name) {
        return values.get(name);
    }

    /** A whole number within a range. */
    public int number(String name, int least, int most, int otherwise) {
        String value = values.get(name);
        if (value == null) {
            return otherwise;
        }
        if (value.matches("[0-9]{1,9}")) {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        }
        throw new UnfitException("'" + name + "' must be a whole number from " + least + " to " + most);
    }

    /** A duration such as {@code 20s}, of at least a second, or null. */
    public @Nullable Duration duration(String name, Duration most) {
        String value = values.get(name);
        if (value == null) {
            return null;
        }
        try {
            Duration duration =
                    value.matches("[0-9]{1,6}(s|ms|m)") ? DurationStyle.detectAndParse(value) : Duration.ZERO;
            if (duration.toSeconds() >= 1 && duration.compareTo(most) <= 0) {
                return duration;
            }
        } catch (IllegalArgumentException | ArithmeticException notOne) {
            // Refused below.
        }
        throw new UnfitException("'" + name + "' is a duration such as 20s, from 1s to " + most.toSeconds() + "s");
    }

    /** One of these words, or null. */
    public @Nullable String word(String name, Set<String> words) {
        String value = values.get(name);
        if (value != null && !words.contains(value)) {
            throw new UnfitException(
                    "'" + name + "' is one of " + words.stream().sorted().toList());
        }
        return value;
    }

    /** A time in the form of RFC 3339, or null. */
    public @Nullable Instant time(String name) {
        String value = values.get(name);
        if (value == null) {
            return null;
        }
        try {
            // RFC 3339 has years of four digits. The milliseconds of a later year may not fit into a long.
            if (value.matches("[0-9]{4}-.*")) {
                return OffsetDateTime.parse(value).toInstant();
            }
        } catch (DateTimeException e) {
            // Refused below.
        }
        throw new UnfitException("'" + name + "' must be a time such as 2026-12-01T12:00:00Z");
    }
}
