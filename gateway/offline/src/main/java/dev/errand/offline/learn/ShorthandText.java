package dev.errand.offline.learn;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes the argument map of a tool in the form of a template: the reverse of the template's parser. Pure. */
public final class ShorthandText {
    private static final Map<String, String> VALUE = Map.of(
            "exact", "value",
            "one_of", "values",
            "not_one_of", "excluded",
            "contains", "required",
            "subset", "allowed",
            "path_containment", "root",
            "all", "constraints",
            "any", "constraints");

    private ShorthandText() {}

    /** The map as text on one line. */
    public static String of(JsonObject arguments) {
        return of(arguments, Set.of(), false);
    }

    /**
     * The map as text on one line that also pins some arguments.
     *
     * @param asked whether a human is asked about every such call
     */
    public static String of(JsonObject arguments, Set<String> pinned, boolean asked) {
        List<String> lines = new ArrayList<>();
        arguments
                .members()
                .forEach((name, constraint) -> lines.add(YamlText.string(name) + ": "
                        + (pinned.contains(name) ? pinned((JsonObject) constraint) : constraint(constraint))));
        if (asked) {
            lines.add("ask: always");
        }
        return "{" + String.join(", ", lines) + "}";
    }

    private static String pinned(JsonObject constraint) {
        Map<String, JsonValue> beside = new LinkedHashMap<>(constraint.members());
        String optional = beside.remove("optional") == null ? "" : ", optional: true";
        JsonObject alone = new JsonObject(beside);
        return "{pinned: " + (isWildcard(alone) ? "true" : constraint(alone)) + optional + "}";
    }

    private static boolean isWildcard(JsonObject constraint) {
        return "wildcard".equals(constraint.string("constraint_type"));
    }

    private static String constraint(JsonValue value) {
        JsonObject constraint = (JsonObject) value;
        String type = String.valueOf(constraint.string("constraint_type"));
        List<String> members = new ArrayList<>();
        if (type.equals("wildcard")) {
            members.add("wildcard: true");
        } else if (type.equals("range")) {
            List<String> bounds = new ArrayList<>();
            for (String bound : List.of("min", "min_inclusive", "max", "max_inclusive")) {
                JsonValue at = constraint.get(bound);
                if (at != null) {
                    bounds.add(bound + ": " + scalar(at));
                }
            }
            members.add("range: {" + String.join(", ", bounds) + "}");
        } else {
            JsonValue inner = constraint.get(VALUE.getOrDefault(type, "value"));
            members.add(type + ": " + (inner instanceof JsonArray list ? list(list) : scalar(inner)));
        }
        if (new JsonBoolean(true).equals(constraint.get("optional"))) {
            members.add("optional: true");
        }
        return "{" + String.join(", ", members) + "}";
    }

    private static String list(JsonArray list) {
        return list.values().stream()
                .map(each -> each instanceof JsonObject ? constraint(each) : scalar(each))
                .collect(Collectors.joining(", ", "[", "]"));
    }

    private static String scalar(@org.jspecify.annotations.Nullable JsonValue value) {
        if (value instanceof JsonString string) {
            return YamlText.string(string.value());
        }
        return value == null ? "null" : Jcs.canonical(value);
    }
}
