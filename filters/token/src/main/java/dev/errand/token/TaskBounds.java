package dev.errand.token;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import java.util.Collections;
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
 * @param pinned the values that the start fixed for arguments about whose other values humans are asked, by operation and
 *     argument; in a root only
 */
public record TaskBounds(
        @Nullable Long calls,
        @Nullable Long children,
        List<Limit> limits,
        @Nullable String sequence,
        Map<String, Map<String, List<JsonValue>>> pinned) {
    /** The {@code type} of its entry in {@code authorization_details}. */
    public static final String TYPE = "errand_task";

    /** No bound at all. */
    public static final TaskBounds NONE = new TaskBounds(null, null, List.of(), null);

    public TaskBounds {
        limits = List.copyOf(limits);
        Map<String, Map<String, List<JsonValue>>> copy = new LinkedHashMap<>();
        pinned.forEach((operation, arguments) -> copy.put(operation, Collections.unmodifiableMap(arguments)));
        pinned = Collections.unmodifiableMap(copy);
    }

    /** Bounds of a start that fixed no such values. */
    public TaskBounds(@Nullable Long calls, @Nullable Long children, List<Limit> limits, @Nullable String sequence) {
        this(calls, children, limits, sequence, Map.of());
    }

    /** The same bounds with these values of the start. */
    public TaskBounds pinning(Map<String, Map<String, List<JsonValue>>> values) {
        return new TaskBounds(calls, children, limits, sequence, values);
    }

    /** The entry of {@code authorization_details} for these bounds. */
    public JsonObject toJson() {
        JsonMembers members = new JsonMembers();
        members.put("type", TYPE);
        members.put("calls", calls);
        members.put("children", children);
        if (!limits.isEmpty()) {
            members.put(
                    "limits", new JsonArray(limits.stream().map(Limit::toJson).toList()));
        }
        members.put("sequence", sequence);
        if (!pinned.isEmpty()) {
            JsonMembers operations = new JsonMembers();
            pinned.forEach((operation, arguments) -> {
                JsonMembers values = new JsonMembers();
                arguments.forEach((name, each) -> values.put(name, new JsonArray(each)));
                operations.put(operation, values.toJson());
            });
            members.put("pinned", operations.toJson());
        }
        return members.toJson();
    }

    /**
     * One token bucket: {@code capacity} tokens, refilled evenly within the period.
     *
     * @param capacity 1 to 2^53-1
     * @param periodSeconds 1 to 2^53-1
     */
    public record Limit(long capacity, long periodSeconds) {
        private JsonValue toJson() {
            JsonMembers members = new JsonMembers();
            members.put("capacity", capacity);
            members.put("period", periodSeconds);
            return members.toJson();
        }
    }
}
