package dev.errand.operator;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.read.LogReader;
import dev.errand.log.read.LogRecords;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The records in one replica's log that answer a question, from one place downwards. Immutable.
 *
 * @param records the newest first
 * @param indexes the place of each record in its log
 * @param next the index below which the log continues; negative if the log holds no more
 * @param reached the time that no record below {@code next} exceeds; null if the replica does not say
 */
record DecisionSlice(
        String instance,
        List<JsonObject> records,
        List<Long> indexes,
        long next,
        @Nullable Instant reached) {
    DecisionSlice {
        records = List.copyOf(records);
        indexes = List.copyOf(indexes);
    }

    /** A page of this replica's own log. */
    static DecisionSlice of(String instance, LogRecords.Page page) {
        Long next = page.next();
        return new DecisionSlice(
                instance,
                page.decisions().stream().map(LogReader.Entry::json).toList(),
                page.decisions().stream().map(LogReader.Entry::index).toList(),
                next == null ? -1 : next,
                page.reached());
    }

    /** Reads what another replica wrote by {@link #told}; malformed members are left out. */
    static DecisionSlice heard(OtherReplicas.Answer answer) {
        JsonObject body = answer.json();
        List<JsonObject> records = new ArrayList<>();
        List<Long> indexes = new ArrayList<>();
        if (body.get("records") instanceof JsonArray all && body.get("indexes") instanceof JsonArray places) {
            for (int i = 0; i < Math.min(all.values().size(), places.values().size()); i++) {
                if (all.values().get(i) instanceof JsonObject record
                        && places.values().get(i) instanceof JsonNumber place
                        && place.isLong()) {
                    records.add(record);
                    indexes.add(place.asLong());
                }
            }
        }
        long next = body.get("next") instanceof JsonNumber number && number.isLong() ? number.asLong() : -1;
        return new DecisionSlice(answer.instance(), records, indexes, next, time(body.string("reached")));
    }

    /** The answer to another replica. */
    JsonObject told() {
        JsonMembers members = new JsonMembers();
        members.put("records", new JsonArray(List.copyOf(records)));
        members.put(
                "indexes",
                new JsonArray(indexes.stream()
                        .map(index -> (JsonValue) JsonNumber.of(index))
                        .toList()));
        members.put("next", next);
        if (reached != null) {
            members.put("reached", reached.toString());
        }
        return members.toJson();
    }

    /** Whether the log holds more than these. */
    boolean hasMore() {
        return next >= 0;
    }

    /** When the decision at that place was made; {@link Instant#MAX} if its record does not say. */
    Instant time(int place) {
        Instant time = time(records.get(place).string("time"));
        return time == null ? Instant.MAX : time;
    }

    private static @Nullable Instant time(@Nullable String text) {
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeException noTime) {
            return null;
        }
    }
}
