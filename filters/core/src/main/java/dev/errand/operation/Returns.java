package dev.errand.operation;

import static dev.errand.config.Shape.text;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads {@code returns} of one operation: the places of values in its answers. */
public final class Returns {
    /** The key's value: a place in the answer for each name. */
    public static final Keys KEYS = Keys.of("returns").others(text("body:.*"));

    private static final String BODY = "body:";
    private static final int MAX_NAMES = 16;
    private static final int MAX_TOKENS = 32;
    private static final int MAX_NAME = 64;

    private Returns() {}

    /** The pointers by name, without those that have a fault. */
    public static Map<String, JsonPointer> read(YamlNode node, Faults faults) {
        YamlMap map = node.map(faults);
        Map<String, JsonPointer> returns = new LinkedHashMap<>();
        if (map == null) {
            return returns;
        }
        if (map.members().isEmpty() || map.members().size() > MAX_NAMES) {
            faults.add(
                    node.at(),
                    "`returns` names 1 to " + MAX_NAMES + " values, found "
                            + map.members().size());
        }
        map.members().forEach((name, value) -> {
            String text = value.string(faults);
            JsonPointer pointer =
                    text == null || !text.startsWith(BODY) ? null : JsonPointer.parse(text.substring(BODY.length()));
            if (name.isEmpty() || name.length() > MAX_NAME) {
                faults.add(map.at(name), "the name of a value has 1 to " + MAX_NAME + " characters");
            } else if (pointer != null && pointer.tokens().size() <= MAX_TOKENS) {
                returns.put(name, pointer);
            } else if (text != null) {
                faults.add(
                        value.at(),
                        "'" + text + "' is no place in an answer: write body:<JSON pointer> with * for any item of an"
                                + " array, such as body:/items/*/id");
            }
        });
        return returns;
    }
}
