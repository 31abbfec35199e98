package dev.errand.log;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonWriter;
import dev.errand.token.ParameterValue;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes into a record the values that a start or a call gave. */
final class GivenValues {
    private GivenValues() {}

    /**
     * The JCS form in ASCII. Other characters are escaped by number, since a character may look like another one on a screen.
     */
    static String arguments(@Nullable JsonValue arguments) {
        if (arguments == null) {
            return "null";
        }
        String canonical = Jcs.canonical(arguments);
        if (canonical.chars().allMatch(c -> c < 0x7f)) {
            return canonical;
        }
        StringBuilder ascii = new StringBuilder();
        canonical.chars().forEach(c -> ascii.append(c < 0x7f ? Character.toString(c) : String.format("\\u%04x", c)));
        return ascii.toString();
    }

    static void parameters(JsonWriter line, @Nullable Map<String, ParameterValue> parameters) {
        if (parameters == null) {
            line.literal("null");
            return;
        }
        line.object();
        parameters.forEach((name, value) -> {
            line.foreignName(name);
            if (value.list()) {
                line.array();
                value.values().forEach(line::element);
                line.endArray();
            } else {
                line.value(value.text());
            }
        });
        line.end();
    }
}
