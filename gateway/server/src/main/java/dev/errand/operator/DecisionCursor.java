package dev.errand.operator;

import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operator.Parameters.UnfitException;
import dev.errand.token.Base64Url;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a page of decisions begins in each replica's log. Immutable.
 *
 * @param before for each instance the index of the record below which the page begins; negative if its log has no more records
 * @param untilMillis the bound for instances that are not in {@code before}: only decisions before this time are listed, since the
 *     earlier pages have shown newer ones; epoch milliseconds; null if no page has shown a decision
 */
record DecisionCursor(Map<String, Long> before, @Nullable Long untilMillis) {
    static final DecisionCursor NEWEST = new DecisionCursor(Map.of(), null);

    /** The name of the member with {@code untilMillis}; no instance has this name. */
    private static final String UNTIL = "";

    /** The end of the year 9999, beyond which RFC 3339 writes no time. */
    private static final long LATEST = 253_402_300_799_999L;

    private static final int MOST_REPLICAS = 1_024;

    DecisionCursor {
        before = Map.copyOf(before);
    }

    /** Reads what {@link #write} wrote; null begins at the newest. */
    static DecisionCursor parse(@Nullable String text) {
        if (text == null) {
            return NEWEST;
        }
        byte[] bytes = Base64Url.decode(text);
        try {
            if (bytes != null
                    && Json.parse(bytes) instanceof JsonObject object
                    && object.members().size() <= MOST_REPLICAS) {
                Map<String, Long> before = new HashMap<>();
                for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
                    if (!(member.getValue() instanceof JsonNumber number) || !number.isLong()) {
                        throw new UnfitException(
                                "'cursor' must be the cursor of the page before; leave it out for the first page");
                    }
                    before.put(member.getKey(), number.asLong());
                }
                Long until = before.remove(UNTIL);
                if (until == null || (until >= 0 && until <= LATEST)) {
                    return new DecisionCursor(before, until);
                }
            }
        } catch (Json.MalformedJsonException notOne) {
            // Refused below.
        }
        throw new UnfitException("'cursor' must be the cursor of the page before; leave it out for the first page");
    }

    String write() {
        Map<String, JsonValue> members = new TreeMap<>();
        before.forEach((instance, index) -> members.put(instance, JsonNumber.of(index)));
        if (untilMillis != null) {
            members.put(UNTIL, JsonNumber.of(untilMillis));
        }
        return Base64Url.encode(Jcs.canonical(new JsonObject(members)).getBytes(StandardCharsets.UTF_8));
    }

    /** The bound for the page that follows a page whose last decision has this time. */
    static @Nullable Long untilOf(@Nullable Instant last, DecisionCursor asked) {
        return last == null || last.equals(Instant.MAX) ? asked.untilMillis : Long.valueOf(last.toEpochMilli() + 1);
    }

    /** The time before which a replica's decisions are listed; null for no bound. */
    @Nullable Instant until(String instance, @Nullable Instant asked) {
        if (untilMillis == null || before.containsKey(instance)) {
            return asked;
        }
        Instant until = Instant.ofEpochMilli(untilMillis);
        return asked != null && asked.isBefore(until) ? asked : until;
    }

    /** Where the replica's page begins. */
    long of(String instance) {
        return before.getOrDefault(instance, Long.MAX_VALUE);
    }
}
