package dev.errand.token;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonString;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A set of JSON values, compared by their JCS form (RFC 8785). Immutable and thread-safe. Two sets are equal if they
 * have the same values, in any order and spelling.
 */
public final class ValueSet {
    private final List<JsonValue> values;
    private final Set<String> canonical;

    private ValueSet(List<JsonValue> values) {
        this.values = List.copyOf(values);
        this.canonical = this.values.stream().map(Jcs::canonical).collect(Collectors.toUnmodifiableSet());
    }

    /** The set of these values; an {@link IllegalArgumentException} if a number in them is inadmissible. */
    public static ValueSet of(List<? extends JsonValue> values) {
        for (JsonValue value : values) {
            if (!Jcs.isAdmissible(value)) {
                throw new IllegalArgumentException("a number whose JCS form is another number");
            }
        }
        return new ValueSet(List.copyOf(values));
    }

    /** Whether the two values have the same JCS form; both must be admissible. */
    static boolean same(JsonValue one, JsonValue other) {
        if (one instanceof JsonString a) {
            return other instanceof JsonString b && a.value().equals(b.value());
        }
        if (one instanceof JsonNumber a) {
            return other instanceof JsonNumber b && (a.text().equals(b.text()) || a.asDouble() == b.asDouble());
        }
        return one.getClass() == other.getClass() && Jcs.canonical(one).equals(Jcs.canonical(other));
    }

    /** The values as they were written. */
    public List<JsonValue> values() {
        return values;
    }

    /** Whether every value of this set is among the elements. */
    boolean isWithin(JsonArray elements) {
        return elements.values().stream()
                .map(Jcs::canonical)
                .collect(Collectors.toSet())
                .containsAll(canonical);
    }

    boolean isEmpty() {
        return canonical.isEmpty();
    }

    boolean contains(JsonValue value) {
        return canonical.contains(Jcs.canonical(value));
    }

    boolean containsAll(ValueSet other) {
        return canonical.containsAll(other.canonical);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ValueSet set && canonical.equals(set.canonical);
    }

    @Override
    public int hashCode() {
        return canonical.hashCode();
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
