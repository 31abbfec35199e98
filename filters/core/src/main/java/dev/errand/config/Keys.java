package dev.errand.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a mapping, declared once for both its reader ({@link YamlMap#unknownKeys}) and editors. Immutable and
 * thread-safe.
 *
 * @param name of the mapping, unique
 * @param list in the order in which they are best written
 * @param exactlyOne a set of keys: exactly one of them must be present; empty if there is no such rule
 * @param others the values of keys with names of the user's choice, by the pattern of the name; "" is the pattern of
 *     any name
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
     * @param what a sentence that explains the key to its writer
     * @param required whether its absence is a fault
     * @param fallback the value that takes effect if the key is left out, as YAML; null if that cannot be written as a
     *     value
     */
    public record Key(
            String name,
            Shape shape,
            String what,
            boolean required,
            @Nullable String fallback) {
        /** This key with a fallback, as YAML. */
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

    /** These keys and more, under another name. */
    public Keys with(String other, Key... more) {
        List<Key> all = new ArrayList<>(list);
        all.addAll(Arrays.asList(more));
        return new Keys(other, all, exactlyOne, others);
    }

    /** These keys; exactly one of them must be present. */
    public Keys oneAtATime() {
        return new Keys(name, list, names(), others);
    }

    /** These keys, and keys of any other name with this value. */
    public Keys others(Shape value) {
        return others("", value);
    }

    /** These keys, and keys whose whole name matches the pattern, with this value. */
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
