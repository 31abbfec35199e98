package dev.errand.issuer;

import dev.errand.issuer.StartDetails.MalformedDetailsException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.limit.Bandwidth;
import dev.errand.state.StandingErrand;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The runs that an agent asks for ({@code errand_start.standing}). Immutable.
 *
 * @param runs how many
 * @param until until when a run may begin
 * @param limit how often runs may begin, or null
 * @param calls how many calls all runs together may make
 * @param json the member as it was sent
 */
public record StandingAsked(
        int runs, Instant until, @Nullable Bandwidth limit, long calls, JsonObject json) {
    private static final String SHAPE = "standing is an object of runs (1 to 10000), until (RFC 3339), calls (1 to"
            + " 2^53-1) and, if wanted, limit (capacity, and period in seconds, at most 366 days)";
    private static final int MOST_RUNS = 10_000;
    private static final long MOST = (1L << 53) - 1;
    private static final long MOST_PERIOD = Duration.ofDays(366).toSeconds();
    private static final int MOST_TEXT = 40;

    static StandingAsked parse(JsonValue value) throws MalformedDetailsException {
        if (value instanceof JsonObject json
                && Set.of("runs", "until", "limit", "calls")
                        .containsAll(json.members().keySet())) {
            String until = json.string("until");
            Bandwidth limit = json.get("limit") == null ? null : limit(json.get("limit"));
            if (until != null && until.length() <= MOST_TEXT) {
                try {
                    return new StandingAsked(
                            (int) number(json, "runs", MOST_RUNS),
                            OffsetDateTime.parse(until).toInstant(),
                            limit,
                            number(json, "calls", MOST),
                            json);
                } catch (DateTimeException noTime) {
                    throw new MalformedDetailsException(SHAPE);
                }
            }
        }
        throw new MalformedDetailsException(SHAPE);
    }

    private static Bandwidth limit(@Nullable JsonValue value) throws MalformedDetailsException {
        if (value instanceof JsonObject limit && limit.members().keySet().equals(Set.of("capacity", "period"))) {
            return new Bandwidth(
                    number(limit, "capacity", MOST), Duration.ofSeconds(number(limit, "period", MOST_PERIOD)), false);
        }
        throw new MalformedDetailsException(SHAPE);
    }

    private static long number(JsonObject json, String name, long most) throws MalformedDetailsException {
        if (json.get(name) instanceof JsonNumber number
                && number.isLong()
                && number.asLong() >= 1
                && number.asLong() <= most) {
            return number.asLong();
        }
        throw new MalformedDetailsException(SHAPE);
    }

    /** @param atMillis when the human allowed it, epoch milliseconds */
    StandingErrand.Allowed allowed(long atMillis) {
        return new StandingErrand.Allowed(runs, calls, until.toEpochMilli(), limit, atMillis);
    }
}
