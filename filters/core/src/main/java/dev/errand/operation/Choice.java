package dev.errand.operation;

import dev.errand.config.Faults;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.json.DidYouMean;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A choice of one word from a few. */
public final class Choice {
    /** The effects that a person may give to an operation. */
    public static final Map<String, Effect> EFFECTS = effects();

    private Choice() {}

    /** The values of an enum, by their names in lower case. */
    public static <E extends Enum<E>> Map<String, E> words(E[] values) {
        Map<String, E> words = new LinkedHashMap<>();
        Arrays.stream(values).forEach(value -> words.put(value.name().toLowerCase(Locale.ROOT), value));
        return words;
    }

    /** The chosen value. The fallback if the key is absent, or, with a fault, if its value is none of the words. */
    public static <T> T of(YamlMap map, String key, Map<String, T> words, T fallback, Faults faults) {
        YamlNode node = map.optional(key);
        T value = node == null ? null : of(node, key, words, faults);
        return value == null ? fallback : value;
    }

    /** The chosen value; null, with a fault, if the node is none of the words. */
    public static <T> @Nullable T of(YamlNode node, String what, Map<String, T> words, Faults faults) {
        String text = node.string(faults);
        T value = text == null ? null : words.get(text);
        if (text != null && value == null) {
            faults.add(node.at(), "'" + text + "' is no " + what + DidYouMean.hint(text, words.keySet()));
        }
        return value;
    }

    private static Map<String, Effect> effects() {
        Map<String, Effect> words = words(Effect.values());
        words.remove(Effect.UNREVIEWED.wire());
        return words;
    }
}
