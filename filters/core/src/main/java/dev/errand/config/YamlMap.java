package dev.errand.config;

import dev.errand.json.DidYouMean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A mapping with string keys in the order written, each key with its own position. Immutable and thread-safe. */
public final class YamlMap implements YamlNode {
    private final Position at;
    private final Map<String, YamlNode> values;
    private final Map<String, Position> keys;

    YamlMap(Position at, Map<String, YamlNode> values, Map<String, Position> keys) {
        this.at = at;
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        this.keys = Map.copyOf(keys);
    }

    @Override
    public Position at() {
        return at;
    }

    @Override
    public String kind() {
        return "a mapping";
    }

    /** The members in the order written. */
    public Map<String, YamlNode> members() {
        return values;
    }

    /** The place of the key, for a fault about the key itself; the mapping's own place if there is no such key. */
    public Position at(String key) {
        Position position = keys.get(key);
        return position == null ? at : position;
    }

    /** The value, or null if the key is absent. */
    public @Nullable YamlNode optional(String key) {
        return values.get(key);
    }

    /** The value, or null and a fault if the key is absent. */
    public @Nullable YamlNode required(String key, Faults faults) {
        YamlNode value = values.get(key);
        if (value == null) {
            faults.add(at, "missing key '" + key + "'");
        }
        return value;
    }

    /** The string under a required key, or null and a fault. */
    public @Nullable String requiredString(String key, Faults faults) {
        YamlNode value = required(key, faults);
        return value == null ? null : value.string(faults);
    }

    /** The string under the key; null if it is absent, or null and a fault if it is something else. */
    public @Nullable String string(String key, Faults faults) {
        YamlNode value = values.get(key);
        return value == null ? null : value.string(faults);
    }

    /** The strings (one or a list) under the key; empty if it is absent or faulty. */
    public List<String> strings(String key, Faults faults) {
        YamlNode value = values.get(key);
        List<String> list = value == null ? null : value.strings(faults);
        return list == null ? List.of() : list;
    }

    /** The boolean under the key, or the fallback if it is absent or faulty. */
    public boolean bool(String key, boolean fallback, Faults faults) {
        YamlNode value = values.get(key);
        Boolean read = value == null ? null : value.bool(faults);
        return read == null ? fallback : read;
    }

    /** The integer under the key, or the fallback if it is absent or faulty. */
    public long integer(String key, long fallback, long min, long max, Faults faults) {
        YamlNode value = values.get(key);
        Long read = value == null ? null : value.integer(min, max, faults);
        return read == null ? fallback : read;
    }

    /** The duration under the key, or the fallback if it is absent or faulty. */
    public Duration duration(String key, Duration fallback, Duration min, Duration max, Faults faults) {
        YamlNode value = values.get(key);
        Duration read = value == null ? null : value.duration(min, max, faults);
        return read == null ? fallback : read;
    }

    /** Adds a fault, with a did-you-mean, for every key that none of these declares; true if there was none. */
    public boolean unknownKeys(Faults faults, Keys... known) {
        return unknownKeys(
                faults,
                Arrays.stream(known)
                        .flatMap(keys -> keys.names().stream())
                        .distinct()
                        .toArray(String[]::new));
    }

    /** Like {@link #unknownKeys(Faults, Keys...)}, for a mapping that has no schema. */
    public boolean unknownKeys(Faults faults, String... known) {
        List<String> names = List.of(known);
        List<String> strangers = new ArrayList<>(values.keySet());
        strangers.removeAll(names);
        for (String key : strangers) {
            faults.add(at(key), "unknown key '" + key + "'" + DidYouMean.hint(key, names));
        }
        return strangers.isEmpty();
    }

    /** Whether the mapping looks like an unquoted {@code {parameter}}: one key without a value. */
    boolean isTemplate() {
        return values.size() == 1
                && values.values().iterator().next() instanceof YamlScalar scalar
                && scalar.type() == YamlScalar.Type.NULL;
    }
}
