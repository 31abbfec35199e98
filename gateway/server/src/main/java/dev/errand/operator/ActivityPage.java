package dev.errand.operator;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.web.refusal.LastHour;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * {@code GET /activity}: how many calls the fleet decided in each minute of the last hour. Each replica counts its own calls since
 * it runs. A replica that asks gets this replica's counts alone. Thread-safe.
 */
record ActivityPage(LastHour hour, OtherReplicas others) {
    private static final List<String> COUNTS = List.of("permitted", "refused", "waiting");

    Mono<ServerResponse> answer(ServerRequest request) {
        Parameters.of(request, Set.of());
        JsonArray own = own();
        if (Operator.isReplica(request)) {
            return Answers.json(HttpStatus.OK, new JsonObject(Map.of("minutes", own)));
        }
        return others.ask("/activity", "application/json").flatMap(asked -> {
            List<JsonArray> all = new ArrayList<>(List.of(own));
            asked.found().forEach(answer -> {
                if (answer.json().get("minutes") instanceof JsonArray minutes) {
                    all.add(minutes);
                }
            });
            return Answers.json(
                    HttpStatus.OK,
                    new JsonObject(Map.of("minutes", sum(own, all), "missing", JsonMembers.texts(asked.missing()))));
        });
    }

    private JsonArray own() {
        return new JsonArray(hour.minutes().stream()
                .<JsonValue>map(minute -> new JsonMembers()
                        .put("begin", Instant.ofEpochMilli(minute.beginMillis()).toString())
                        .put("permitted", minute.permitted())
                        .put("refused", minute.refused())
                        .put("waiting", minute.waiting())
                        .toJson())
                .toList());
    }

    /** The sum of all by minute, for the minutes that this replica has. */
    static JsonArray sum(JsonArray own, List<JsonArray> all) {
        SortedMap<String, long[]> sums = new TreeMap<>();
        own.values().forEach(minute -> sums.put(begin(minute), new long[COUNTS.size()]));
        for (JsonArray minutes : all) {
            for (JsonValue minute : minutes.values()) {
                long[] sum = sums.get(begin(minute));
                for (int i = 0; sum != null && i < sum.length; i++) {
                    sum[i] += count(minute, COUNTS.get(i));
                }
            }
        }
        List<JsonValue> told = new ArrayList<>();
        sums.forEach((begin, sum) -> told.add(new JsonMembers()
                .put("begin", begin)
                .put("permitted", sum[0])
                .put("refused", sum[1])
                .put("waiting", sum[2])
                .toJson()));
        return new JsonArray(told);
    }

    private static String begin(JsonValue minute) {
        return minute instanceof JsonObject object ? String.valueOf(object.string("begin")) : "";
    }

    private static long count(JsonValue minute, String name) {
        return minute instanceof JsonObject object && object.get(name) instanceof JsonNumber number && number.isLong()
                ? Math.max(0, number.asLong())
                : 0;
    }
}
