package dev.errand.task.template;

import dev.errand.config.DidYouMean;
import dev.errand.config.Faults;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import dev.errand.delegation.constraint.CapabilityParser;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the constraint shorthands of {@code allow} into AAT-02 form (section 2). One per template; not thread-safe. */
final class ConstraintShorthand {
    private static final List<String> TYPES = TemplateKeys.CLAUSE.names();

    private final Set<String> parameters;
    private final Faults faults;
    /** The clauses of the constraint that is being read, those inside its clauses included. */
    private int clauses;

    ConstraintShorthand(Set<String> parameters, Faults faults) {
        this.parameters = parameters;
        this.faults = faults;
    }

    /** The argument map of one tool, {@code except} left out. */
    JsonObject arguments(YamlMap map, String... except) {
        List<String> others = List.of(except);
        Map<String, JsonValue> arguments = new LinkedHashMap<>();
        map.members().forEach((argument, node) -> {
            if (!others.contains(argument)) {
                clauses = 0;
                JsonObject constraint = constraint(node, true);
                if (constraint != null) {
                    if (argument.equals("*") && !constraint.members().equals(WILDCARD.members())) {
                        faults.add(node.at(), "'*' must be {wildcard: true}: it opens the map to any other argument");
                    }
                    arguments.put(argument, constraint);
                }
            }
        });
        return new JsonObject(arguments);
    }

    private static final JsonObject WILDCARD = new JsonObject(Map.of("constraint_type", new JsonString("wildcard")));

    private @Nullable JsonObject constraint(YamlNode node, boolean top) {
        YamlMap map = node.map(faults);
        if (map == null) {
            return null;
        }
        List<String> types = new ArrayList<>(map.members().keySet());
        boolean optional = top && types.remove("optional") && map.bool("optional", false, faults);
        if (types.size() != 1) {
            faults.add(
                    map.at(),
                    "a constraint has one of " + String.join(", ", TYPES)
                            + (top ? " (and optional beside it)" : "")
                            + ", found "
                            + (types.isEmpty() ? "none" : String.join(", ", types)));
            return null;
        }
        String type = types.get(0);
        YamlNode value = map.optional(type);
        if (!TYPES.contains(type) || value == null) {
            faults.add(map.at(type), "unknown constraint '" + type + "'" + DidYouMean.hint(type, TYPES));
            return null;
        }
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("constraint_type", new JsonString(type));
        if (!read(type, value, members)) {
            return null;
        }
        if (optional) {
            members.put("optional", new JsonBoolean(true));
        }
        return new JsonObject(members);
    }

    private boolean read(String type, YamlNode value, Map<String, JsonValue> members) {
        switch (type) {
            case "exact" -> {
                return put(members, "value", scalar(value));
            }
            case "path_containment" -> {
                return put(members, "root", root(value));
            }
            case "one_of" -> {
                return put(members, "values", array(value, true, true));
            }
            case "not_one_of" -> {
                return put(members, "excluded", array(value, false, true));
            }
            case "contains" -> {
                return put(members, "required", array(value, false, false));
            }
            case "subset" -> {
                return put(members, "allowed", array(value, false, false));
            }
            case "range" -> {
                return range(value, members);
            }
            case "wildcard" -> {
                Boolean on = value.bool(faults);
                if (on != null && !on) {
                    faults.add(value.at(), "wildcard must be true; leave the argument out to deny it");
                }
                return on != null && on;
            }
            default -> {
                return put(members, "constraints", clauses(value));
            }
        }
    }

    private static boolean put(Map<String, JsonValue> members, String name, @Nullable JsonValue value) {
        if (value == null) {
            return false;
        }
        members.put(name, value);
        return true;
    }

    private @Nullable JsonValue clauses(YamlNode node) {
        YamlList list = node.list(faults);
        if (list == null) {
            return null;
        }
        clauses += list.items().size();
        if (clauses > CapabilityParser.MAX_CLAUSES) {
            faults.add(
                    list.at(),
                    "a constraint has at most " + CapabilityParser.MAX_CLAUSES
                            + " clauses, those inside its clauses included, found " + clauses
                            + ": write single values as one one_of");
            return null;
        }
        List<JsonValue> read = new ArrayList<>();
        for (YamlNode item : list.items()) {
            JsonObject clause = constraint(item, false);
            if (clause != null) {
                read.add(clause);
            }
        }
        if (list.items().isEmpty()) {
            faults.add(list.at(), "expected at least one constraint");
        }
        return read.isEmpty() ? null : new JsonArray(read);
    }

    private boolean range(YamlNode node, Map<String, JsonValue> members) {
        YamlMap map = node.map(faults);
        if (map == null || !map.unknownKeys(faults, TemplateKeys.RANGE)) {
            return false;
        }
        int before = faults.count();
        for (String bound : List.of("min", "max")) {
            YamlNode value = map.optional(bound);
            if (value != null) {
                if (scalar(value) instanceof JsonNumber number) {
                    members.put(bound, number);
                } else {
                    faults.add(value.at(), "expected a number, found " + value.kind());
                }
            }
            if (map.optional(bound + "_inclusive") != null) {
                members.put(bound + "_inclusive", new JsonBoolean(map.bool(bound + "_inclusive", true, faults)));
                if (value == null) {
                    faults.add(map.at(bound + "_inclusive"), bound + "_inclusive stands only beside " + bound);
                }
            }
        }
        if (members.get("min") instanceof JsonNumber min
                && members.get("max") instanceof JsonNumber max
                && min.asDouble() > max.asDouble()) {
            faults.add(map.at("max"), "max " + max.text() + " is below min " + min.text());
        }
        return faults.count() == before;
    }

    /** @param lists whether a list of single values is one of the values, as an argument that is a list has */
    private @Nullable JsonValue array(YamlNode node, boolean nonEmpty, boolean lists) {
        YamlList list = node.list(faults);
        if (list == null) {
            return null;
        }
        if (nonEmpty && list.items().isEmpty()) {
            faults.add(list.at(), "expected at least one value");
            return null;
        }
        List<JsonValue> values = new ArrayList<>();
        for (YamlNode item : list.items()) {
            JsonValue value = lists && item instanceof YamlList ? array(item, false, false) : scalar(item);
            if (value != null) {
                values.add(value);
            }
        }
        return new JsonArray(values);
    }

    private @Nullable JsonValue root(YamlNode node) {
        String root = node.string(faults);
        if (root == null || !(scalar(node) instanceof JsonString string)) {
            return null;
        }
        String below = root.startsWith("/") ? root.substring(1) : root;
        for (String segment : below.split("/", -1)) {
            if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
                faults.add(
                        node.at(),
                        "path_containment has segments between slashes, none of them empty, '.' or '..', found "
                                + node.kind());
                return null;
            }
        }
        return string;
    }

    private @Nullable JsonValue scalar(YamlNode node) {
        if (!(node instanceof YamlScalar scalar)) {
            faults.add(node.at(), "expected a single value, found " + node.kind());
            return null;
        }
        return switch (scalar.type()) {
            case NULL -> JsonNull.NULL;
            case BOOLEAN -> new JsonBoolean(scalar.text().equals("true"));
            case NUMBER -> {
                JsonNumber number = new JsonNumber(scalar.text());
                if (!Jcs.isAdmissible(number)) {
                    faults.add(scalar.at(), "the number " + scalar.text() + " is not one that every JSON reader keeps");
                    yield null;
                }
                yield number;
            }
            case STRING -> {
                var placeholders = GrantTemplate.PLACEHOLDER.matcher(scalar.text());
                boolean known = true;
                while (placeholders.find()) {
                    if (!parameters.contains(placeholders.group(1))) {
                        faults.add(
                                scalar.at(),
                                "unknown parameter '" + placeholders.group(1) + "'"
                                        + DidYouMean.hint(placeholders.group(1), parameters));
                        known = false;
                    }
                }
                yield known ? new JsonString(scalar.text()) : null;
            }
        };
    }
}
