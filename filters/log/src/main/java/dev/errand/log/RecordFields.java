package dev.errand.log;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.ParameterValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of a record that are not plain strings, as {@link RecordJson} writes them. Lenient, since a log may
 * come from elsewhere. Pure; thread-safe.
 */
public final class RecordFields {
    private RecordFields() {}

    /** Whether the record is of a start that was granted. */
    public static boolean isGrantedStart(JsonObject record) {
        return "start".equals(record.string("kind")) && "granted".equals(record.string("outcome"));
    }

    /** The parameters of a start; null if its record has none. */
    public static @Nullable Map<String, ParameterValue> parameters(JsonObject start) {
        JsonObject parameters = start.object("parameters");
        if (parameters == null) {
            return null;
        }
        Map<String, ParameterValue> read = new LinkedHashMap<>();
        parameters
                .members()
                .forEach((name, value) -> ParameterValue.parse(value).ifPresent(given -> read.put(name, given)));
        return read;
    }

    /** Whether the call was forwarded. */
    public static boolean isPermit(JsonObject decision) {
        return "permit".equals(decision.string("outcome"));
    }

    /** Whether the call met a request for approval that was open already: it waits, and was not refused. */
    public static boolean isWaiting(JsonObject decision) {
        return decision.get("waiting") instanceof JsonBoolean waiting && waiting.value();
    }

    /** How many calls the record of a waiting call counts, itself included; 1 for other records. */
    public static long count(JsonObject decision) {
        return isWaiting(decision) && decision.get("count") instanceof JsonNumber count && count.isLong()
                ? Math.max(1, count.asLong())
                : 1;
    }

    /** {@code permit}, {@code deny} or, for a call that met an open request for approval, {@code waiting}. */
    public static @Nullable String outcome(JsonObject decision) {
        return isWaiting(decision) ? "waiting" : decision.string("outcome");
    }

    /** Whether the task would have ended before the call if it were enforced and not only observed. */
    public static boolean isOver(JsonObject decision) {
        return decision.get("over") instanceof JsonBoolean over && over.value();
    }

    /** The operations' ids, one per pair; none for a call that was refused before they were known. */
    public static List<String> operations(JsonObject decision) {
        String ids = decision.string("operation");
        return ids == null ? List.of() : List.of(ids.split(" ", -1));
    }

    /** The resources, in the order of the operations. */
    public static List<String> resources(JsonObject decision) {
        return texts(decision, "resource");
    }

    /** The names of the headers that the upstream did not get. */
    public static List<String> removed(JsonObject decision) {
        return texts(decision, "removed");
    }

    /** The holders of the chain, root first; none for a caller that was not verified. */
    public static List<JsonObject> agents(JsonObject decision) {
        return array(decision, "agents").stream()
                .filter(JsonObject.class::isInstance)
                .map(JsonObject.class::cast)
                .toList();
    }

    /** A holder's subject or, if its token names no subject, its key. */
    public static String name(JsonObject agent) {
        String subject = agent.string("sub");
        return subject == null ? "key " + agent.string("jkt") : subject;
    }

    private static List<String> texts(JsonObject decision, String name) {
        return array(decision, name).stream()
                .map(value -> value instanceof JsonString text ? text.value() : "")
                .toList();
    }

    private static List<JsonValue> array(JsonObject decision, String name) {
        return decision.get(name) instanceof JsonArray array ? array.values() : List.of();
    }
}
