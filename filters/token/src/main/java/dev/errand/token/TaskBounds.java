package dev.errand.token;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The {@code errand_task} details of a token: bounds on all its calls together, which no constraint on an argument can
 * express.
 *
 * @param calls the most calls by the token and all below it; null for no bound of its own
 * @param children the most distinct direct children that may make a call; null for no bound
 * @param limits token buckets that every call of the token and all below it is charged to
 * @param sequence {@code sha-256:} digest of the compiled plan, in a root only
 */
public record TaskBounds(
        @Nullable Long calls,
        @Nullable Long children,
        List<Limit> limits,
        @Nullable String sequence) {
    /** The {@code type} of its entry in {@code authorization_details}. */
    public static final String TYPE = "errand_task";

    /** No bound at all. */
    public static final TaskBounds NONE = new TaskBounds(null, null, List.of(), null);

    public TaskBounds {
        limits = List.copyOf(limits);
    }

    /** The entry of {@code authorization_details} for these bounds. */
    public JsonObject toJson() {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("type", new JsonString(TYPE));
        if (calls != null) {
            members.put("calls", JsonNumber.of(calls));
        }
        if (children != null) {
            members.put("children", JsonNumber.of(children));
        }
        if (!limits.isEmpty()) {
            members.put(
                    "limits", new JsonArray(limits.stream().map(Limit::toJson).toList()));
        }
        if (sequence != null) {
            members.put("sequence", new JsonString(sequence));
        }
        return new JsonObject(members);
    }

    /**
     * One token bucket: {@code capacity} tokens, refilled evenly within the period.
     *
     * @param capacity 1 to 2^53-1
     * @param periodSeconds 1 to 2^53-1
     */
    public record Limit(long capacity, long periodSeconds) {
        private JsonValue toJson() {
            Map<String, JsonValue> members = new LinkedHashMap<>();
            members.put("capacity", JsonNumber.of(capacity));
            members.put("period", JsonNumber.of(periodSeconds));
            return new JsonObject(members);
        }
    }
}
