package dev.errand.upstream;

import dev.errand.json.Jcs;
import org.jspecify.annotations.Nullable;

/** Writes one JSON text in the order given, without a tree of values. For one thread. */
final class JsonWriter {
    private final StringBuilder out;

    JsonWriter() {
        this.out = new StringBuilder(64);
    }

    private JsonWriter(String text) {
        this.out = new StringBuilder(2048).append(text);
    }

    /** Goes on behind text that this class wrote and did not end. */
    static JsonWriter continuing(String text) {
        return new JsonWriter(text);
    }

    JsonWriter object() {
        out.append('{');
        return this;
    }

    JsonWriter end() {
        out.append('}');
        return this;
    }

    JsonWriter array() {
        out.append('[');
        return this;
    }

    JsonWriter endArray() {
        out.append(']');
        return this;
    }

    JsonWriter name(String name) {
        separate();
        out.append('"').append(name).append("\":");
        return this;
    }

    JsonWriter member(String name, @Nullable String value) {
        name(name).string(value);
        return this;
    }

    JsonWriter member(String name, long value) {
        name(name).out.append(value);
        return this;
    }

    JsonWriter member(String name, boolean value) {
        name(name).out.append(value);
        return this;
    }

    JsonWriter element(String value) {
        separate();
        string(value);
        return this;
    }

    JsonWriter elementObject() {
        separate();
        return object();
    }

    private void string(@Nullable String value) {
        if (value == null) {
            out.append("null");
        } else {
            Jcs.appendString(value, out);
        }
    }

    private void separate() {
        char last = out.charAt(out.length() - 1);
        if (last != '{' && last != '[') {
            out.append(',');
        }
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
