package dev.errand.json;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One JSON value (RFC 8259). Immutable. Two values are equal if they have the same members and texts. */
public sealed interface JsonValue {

    /** The literal {@code null}. */
    record JsonNull() implements JsonValue {
        public static final JsonNull NULL = new JsonNull();
    }

    /** {@code true} or {@code false}. */
    record JsonBoolean(boolean value) implements JsonValue {}

    /**
     * A number, kept as its original text. The text decides whether the number is admissible (AAT-02 section 2).
     *
     * @param text a number by the JSON grammar
     */
    record JsonNumber(String text) implements JsonValue {
        private static final int MAX_LONG_DIGITS = 19;

        public static JsonNumber of(long value) {
            return new JsonNumber(Long.toString(value));
        }

        public double asDouble() {
            return Double.parseDouble(text);
        }

        /** Whether the text is an integer without fraction or exponent that a {@code long} holds. */
        public boolean isLong() {
            int start = text.startsWith("-") ? 1 : 0;
            int digits = text.length() - start;
            if (digits < 1 || digits > MAX_LONG_DIGITS) {
                return false;
            }
            for (int i = start; i < text.length(); i++) {
                if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                    return false;
                }
            }
            try {
                Long.parseLong(text);
                return true;
            } catch (NumberFormatException outOfRange) {
                return false;
            }
        }

        /** The value, if {@link #isLong}; else an {@link ArithmeticException}. */
        public long asLong() {
            if (!isLong()) {
                throw new ArithmeticException("not a 64-bit integer: " + text);
            }
            return Long.parseLong(text);
        }
    }

    /** A string. */
    record JsonString(String value) implements JsonValue {}

    /** An array; the list is unmodifiable. */
    record JsonArray(List<JsonValue> values) implements JsonValue {
        public JsonArray {
            values = List.copyOf(values);
        }
    }

    /** An object; the map keeps the order of the text and is unmodifiable. */
    record JsonObject(Map<String, JsonValue> members) implements JsonValue {
        public static final JsonObject EMPTY = new JsonObject(Map.of());

        public JsonObject {
            // Not copied if the parser or JsonMembers made it: nobody else changes that map, and each call parses a
            // proof.
            members = Collections.unmodifiableMap(members instanceof Parsed ? members : new LinkedHashMap<>(members));
        }

        /** The members of an object while it is parsed or made. */
        static final class Parsed extends LinkedHashMap<String, JsonValue> {
            private static final long serialVersionUID = 1L;
        }

        public @Nullable JsonValue get(String name) {
            return members.get(name);
        }

        /** The string member of that name; null if it is absent or not a string. */
        public @Nullable String string(String name) {
            return members.get(name) instanceof JsonString s ? s.value() : null;
        }

        /** The object member of that name; null if it is absent or not an object. */
        public @Nullable JsonObject object(String name) {
            return members.get(name) instanceof JsonObject o ? o : null;
        }
    }
}
