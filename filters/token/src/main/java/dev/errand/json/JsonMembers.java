package dev.errand.json;

import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The members of a JSON object that is being made, in the order in which they are put. Not thread-safe. */
public final class JsonMembers {
    private JsonObject.Parsed members = new JsonObject.Parsed();
    /** Whether an object has the map: then it is not changed any more. */
    private boolean given;

    /** Puts a member; none for null. */
    public JsonMembers put(String name, @Nullable JsonValue value) {
        if (value != null) {
            own().put(name, value);
        }
        return this;
    }

    /** Puts a string; no member for null. */
    public JsonMembers put(String name, @Nullable String text) {
        return put(name, text == null ? null : new JsonString(text));
    }

    /** Puts a number; no member for null. */
    public JsonMembers put(String name, @Nullable Long number) {
        return put(name, number == null ? null : JsonNumber.of(number));
    }

    public JsonMembers put(String name, long number) {
        return put(name, JsonNumber.of(number));
    }

    public JsonMembers put(String name, boolean value) {
        return put(name, new JsonBoolean(value));
    }

    /** Puts an array of strings, which may be empty. */
    public JsonMembers put(String name, Collection<String> texts) {
        return put(name, texts(texts));
    }

    /** Puts a string, or the literal {@code null} for null. */
    public JsonMembers orNull(String name, @Nullable String text) {
        return put(name, text(text));
    }

    /** Puts a value, or the literal {@code null} for null. */
    public JsonMembers orNull(String name, @Nullable JsonValue value) {
        return put(name, value == null ? JsonNull.NULL : value);
    }

    /** Puts all members of another object. */
    public JsonMembers putAll(Map<String, ? extends JsonValue> other) {
        own().putAll(other);
        return this;
    }

    public boolean isEmpty() {
        return members.isEmpty();
    }

    /** The object of the members so far. */
    public JsonObject toJson() {
        given = true;
        return new JsonObject(members);
    }

    private JsonObject.Parsed own() {
        if (given) {
            JsonObject.Parsed copy = new JsonObject.Parsed();
            copy.putAll(members);
            members = copy;
            given = false;
        }
        return members;
    }

    /** A string, or the literal {@code null} for null. */
    public static JsonValue text(@Nullable String text) {
        return text == null ? JsonNull.NULL : new JsonString(text);
    }

    /** An array of strings. */
    public static JsonArray texts(Collection<String> texts) {
        return new JsonArray(texts.stream().<JsonValue>map(JsonString::new).toList());
    }
}
