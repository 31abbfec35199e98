package dev.errand.upstream;

import dev.errand.json.Jcs;
import dev.errand.json.TextBuilder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes one JSON text in the order given, without a tree of values. For one thread, until {@link #utf8} ends it. */
final class JsonWriter {
    private final StringBuilder out;

    JsonWriter() {
        this.out = TextBuilder.take();
    }

    /** Goes on behind text that this class wrote and did not end. */
    static JsonWriter continuing(String text) {
        JsonWriter writer = new JsonWriter();
        writer.out.append(text);
        return writer;
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

    /** @param json the text of a value, written behind its name */
    JsonWriter valueJson(String json) {
        out.append(json);
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

    /** What was written, in UTF-8; nothing can be written behind it. */
    byte[] utf8() {
        return TextBuilder.utf8(out);
    }

    /** The same, to go on {@linkplain #continuing from}. */
    String text() {
        return new String(utf8(), StandardCharsets.UTF_8);
    }
}
