package dev.errand.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a mapping, declared once: for its reader ({@link YamlMap#unknownKeys}) and for editors. Immutable and
 * thread-safe.
 *
 * @param name of the mapping, unlike any other's
 * @param list in the order in which they are best written
 * @param exactlyOne names; exactly one of them may be present; empty if there is no such demand
 * @param others what may stand under a name of the user's choice, by the pattern of the name; "" is any other name
 */
public record Keys(String name, List<Key> list, List<String> exactlyOne, Map<String, Shape> others) implements Shape {
    public Keys {
        list = List.copyOf(list);
        exactlyOne = List.copyOf(exactlyOne);
        others = Collections.unmodifiableMap(new LinkedHashMap<>(others));
    }

    /**
     * One key.
     *
     * @param what a sentence for whoever writes it
     * @param required whether its absence is a fault
     * @param fallback what counts if it is left out, as YAML; null where that is no value of this key
     */
    public record Key(
            String name,
            Shape shape,
            String what,
            boolean required,
            @Nullable String fallback) {
        /** This key with what counts if it is left out, as YAML. */
        public Key or(String value) {
            return new Key(name, shape, what, required, value);
        }
    }

    public static Key required(String name, Shape shape, String what) {
        return new Key(name, shape, what, true, null);
    }

    public static Key optional(String name, Shape shape, String what) {
        return new Key(name, shape, what, false, null);
    }

    public static Keys of(String name, Key... keys) {
        return new Keys(name, Arrays.asList(keys), List.of(), Map.of());
    }

    /** These and more, under another name. */
    public Keys with(String other, Key... more) {
        List<Key> all = new ArrayList<>(list);
        all.addAll(Arrays.asList(more));
        return new Keys(other, all, exactlyOne, others);
    }

    /** Just one of them at a time. */
    public Keys oneAtATime() {
        return new Keys(name, list, names(), others);
    }

    /** Any further name with this value. */
    public Keys others(Shape value) {
        return others("", value);
    }

    /** Further names that match the pattern as a whole, with this value. */
    public Keys others(String pattern, Shape value) {
        Map<String, Shape> more = new LinkedHashMap<>(others);
        more.put(pattern, value);
        return new Keys(name, list, exactlyOne, more);
    }

    /** The names, in order. */
    public List<String> names() {
        return list.stream().map(Key::name).toList();
    }
}
