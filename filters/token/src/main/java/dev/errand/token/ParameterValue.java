package dev.errand.token;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The value of a task's parameter: one text, or a list of texts. Immutable and thread-safe.
 *
 * @param values the texts, in the order given; a single text is a list of one
 * @param list whether it was given as a list
 */
public record ParameterValue(List<String> values, boolean list) {
    /** The most texts of one list. */
    public static final int MAX_VALUES = 256;

    public ParameterValue {
        values = List.copyOf(values);
        if (!list && values.size() != 1) {
            throw new IllegalArgumentException("a parameter that is no list has one text, was " + values.size());
        }
    }

    public static ParameterValue of(String text) {
        return new ParameterValue(List.of(text), false);
    }

    public static ParameterValue of(List<String> texts) {
        return new ParameterValue(texts, true);
    }

    /** Reads a string, or an array of at most {@value #MAX_VALUES} strings; empty for anything else. */
    public static Optional<ParameterValue> parse(JsonValue json) {
        if (json instanceof JsonString text) {
            return Optional.of(of(text.value()));
        }
        if (!(json instanceof JsonArray array) || array.values().size() > MAX_VALUES) {
            return Optional.empty();
        }
        List<String> texts = new ArrayList<>();
        for (JsonValue element : array.values()) {
            if (!(element instanceof JsonString text)) {
                return Optional.empty();
            }
            texts.add(text.value());
        }
        return Optional.of(of(texts));
    }

    /** The text; of a list, the first text. */
    public String text() {
        return values.get(0);
    }

    public ParameterValue asList() {
        return list ? this : of(values);
    }

    /** The form in tokens and in the record. */
    public JsonValue toJson() {
        return list
                ? new JsonArray(values.stream().<JsonValue>map(JsonString::new).toList())
                : new JsonString(values.get(0));
    }

    @Override
    public String toString() {
        return list ? String.join(", ", values) : values.get(0);
    }
}
