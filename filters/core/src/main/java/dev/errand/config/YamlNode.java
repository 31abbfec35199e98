package dev.errand.config;

import dev.errand.json.Durations;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonString;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One node of a YAML document with its place. The readers add a fault and return null, so a caller can continue and
 * find the next fault too. Immutable and thread-safe.
 */
public sealed interface YamlNode permits YamlMap, YamlList, YamlScalar {
    /** Where the node begins. */
    Position at();

    /** The kind of node, in words for a message. */
    String kind();

    /** The same value in JSON. A number stays as it is written. */
    default JsonValue json() {
        if (this instanceof YamlMap map) {
            JsonMembers members = new JsonMembers();
            map.members().forEach((name, value) -> members.put(name, value.json()));
            return members.toJson();
        }
        if (this instanceof YamlList list) {
            return new JsonArray(list.items().stream().map(YamlNode::json).toList());
        }
        YamlScalar scalar = (YamlScalar) this;
        return switch (scalar.type()) {
            case STRING -> new JsonString(scalar.text());
            case NUMBER -> new JsonNumber(scalar.text());
            case BOOLEAN -> new JsonBoolean(scalar.text().equals("true"));
            case NULL -> JsonNull.NULL;
        };
    }

    /** The mapping, or null and a fault. */
    default @Nullable YamlMap map(Faults faults) {
        if (this instanceof YamlMap map) {
            return map;
        }
        faults.add(at(), "expected a mapping, found " + kind());
        return null;
    }

    /** The sequence, or null and a fault. */
    default @Nullable YamlList list(Faults faults) {
        if (this instanceof YamlList list) {
            return list;
        }
        faults.add(at(), "expected a list, found " + kind());
        return null;
    }

    /** The string, or null and a fault; numbers, booleans and null are not strings unless quoted. */
    default @Nullable String string(Faults faults) {
        if (this instanceof YamlScalar scalar && scalar.type() == YamlScalar.Type.STRING) {
            return scalar.text();
        }
        String quote = this instanceof YamlScalar
                ? "; quote it"
                : this instanceof YamlMap map && map.isTemplate() ? "; quote a string that begins with {" : "";
        faults.add(at(), "expected a string, found " + kind() + quote);
        return null;
    }

    /** {@code true} or {@code false}, or null and a fault. */
    default @Nullable Boolean bool(Faults faults) {
        if (this instanceof YamlScalar scalar && scalar.type() == YamlScalar.Type.BOOLEAN) {
            return scalar.text().equals("true");
        }
        faults.add(at(), "expected true or false, found " + kind());
        return null;
    }

    /** The integer within both bounds (inclusive), or null and a fault. */
    default @Nullable Long integer(long min, long max, Faults faults) {
        if (this instanceof YamlScalar scalar
                && scalar.type() == YamlScalar.Type.NUMBER
                && scalar.text().length() <= 24) {
            BigDecimal value = new BigDecimal(scalar.text());
            if (value.scale() <= 0
                    && value.scale() > -24
                    && value.compareTo(BigDecimal.valueOf(min)) >= 0
                    && value.compareTo(BigDecimal.valueOf(max)) <= 0) {
                return value.longValueExact();
            }
        }
        faults.add(at(), "expected an integer " + min + ".." + max + ", found " + kind());
        return null;
    }

    /** A length of time such as {@code 50ms}, {@code 10s}, {@code 15m}, {@code 1h} or {@code 7d} within both bounds. */
    default @Nullable Duration duration(Duration min, Duration max, Faults faults) {
        Duration value = this instanceof YamlScalar scalar && scalar.type() == YamlScalar.Type.STRING
                ? Durations.parse(scalar.text())
                : null;
        if (value != null && value.compareTo(min) >= 0 && value.compareTo(max) <= 0) {
            return value;
        }
        faults.add(
                at(),
                "expected a duration " + Durations.print(min) + ".." + Durations.print(max)
                        + " such as 10s, 15m or 1h, found " + kind());
        return null;
    }

    /** One string or a list of strings, or null and a fault. */
    default @Nullable List<String> strings(Faults faults) {
        if (!(this instanceof YamlList list)) {
            String one = string(faults);
            return one == null ? null : List.of(one);
        }
        List<String> values = new ArrayList<>();
        for (YamlNode item : list.items()) {
            String value = item.string(faults);
            if (value == null) {
                return null;
            }
            values.add(value);
        }
        return List.copyOf(values);
    }
}
