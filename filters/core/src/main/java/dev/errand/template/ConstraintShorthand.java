package dev.errand.template;

import dev.errand.config.Faults;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.json.DidYouMean;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.CapabilityParser;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the constraint shorthands of {@code allow} into AAT-02 form (section 2). One per template; not thread-safe. */
final class ConstraintShorthand {
    private static final List<String> TYPES = TemplateKeys.CLAUSE.names();
    private static final String PINNED = "pinned";
    private static final String ELSE = "else";

    private final Map<String, ParameterPattern> parameters;
    private final ShorthandValues values;
    private final Faults faults;
    /** The clauses of the current constraint so far, including nested ones. */
    private int clauses;
    /** The pinned arguments of the last tool, and whether each may be absent. */
    private Map<String, Boolean> pinned = Map.of();
    /** The arguments of the last tool about whose values humans are asked unless the start fixed them. */
    private Set<String> asked = Set.of();

    ConstraintShorthand(Map<String, ParameterPattern> parameters, Faults faults) {
        this.parameters = Map.copyOf(parameters);
        Map<String, Boolean> lists = new LinkedHashMap<>();
        parameters.forEach((name, pattern) -> lists.put(name, pattern.isList()));
        this.values = new ShorthandValues(lists, faults);
        this.faults = faults;
    }

    /** Reads the argument map of one tool, without the keys in {@code except}. */
    JsonObject arguments(YamlMap map, String... except) {
        List<String> others = List.of(except);
        Map<String, JsonValue> arguments = new LinkedHashMap<>();
        Map<String, Boolean> pins = new LinkedHashMap<>();
        Set<String> asks = new LinkedHashSet<>();
        map.members().forEach((argument, node) -> {
            if (!others.contains(argument)) {
                clauses = 0;
                boolean pinnedHere = node instanceof YamlMap one && one.optional(PINNED) != null;
                boolean askedHere = pinnedHere && asksElse((YamlMap) node);
                JsonObject constraint = constraint(node, true);
                if (constraint != null) {
                    if (askedHere) {
                        asks.add(argument);
                    } else if (pinnedHere) {
                        pins.put(argument, new JsonBoolean(true).equals(constraint.get("optional")));
                    }
                    if (argument.equals("*")
                            && (pinnedHere || !constraint.members().equals(WILDCARD.members()))) {
                        faults.add(node.at(), "'*' must be {wildcard: true}: it opens the map to any other argument");
                    }
                    arguments.put(argument, constraint);
                }
            }
        });
        pinned = pins;
        asked = asks;
        return new JsonObject(arguments);
    }

    /** The arguments of the last tool that are pinned with {@code else: ask}. */
    Set<String> asked() {
        return asked;
    }

    /** Reads constraints. None may be pinned. */
    JsonObject plain(YamlMap map) {
        Map<String, JsonValue> arguments = new LinkedHashMap<>();
        map.members().forEach((argument, node) -> {
            clauses = 0;
            if (argument.equals("*") || node instanceof YamlMap one && one.optional(PINNED) != null) {
                faults.add(
                        map.at(argument),
                        "unless names arguments, each with a constraint; other arguments do not matter");
                return;
            }
            JsonObject constraint = constraint(node, true);
            if (constraint != null) {
                arguments.put(argument, constraint);
            }
        });
        return new JsonObject(arguments);
    }

    private static boolean asksElse(YamlMap constraint) {
        return constraint.optional(PINNED) instanceof YamlMap beside && beside.optional(ELSE) != null;
    }

    /** The template's parameters. */
    Map<String, ParameterPattern> parameters() {
        return parameters;
    }

    /** The arguments of the last tool that a start must fix, and whether each may be absent. */
    Map<String, Boolean> pinned() {
        return pinned;
    }

    private static final JsonObject WILDCARD = new JsonObject(Map.of("constraint_type", new JsonString("wildcard")));

    private @Nullable JsonObject constraint(YamlNode node, boolean top) {
        return constraint(node, top, false);
    }

    private @Nullable JsonObject constraint(YamlNode node, boolean top, boolean besideElse) {
        YamlMap map = node.map(faults);
        if (map == null) {
            return null;
        }
        List<String> types = new ArrayList<>(map.members().keySet());
        if (besideElse) {
            types.remove(ELSE);
        }
        boolean optional = top && types.remove("optional") && map.bool("optional", false, faults);
        if (top && types.equals(List.of(PINNED))) {
            return pinned(map, optional);
        }
        if (types.size() != 1) {
            faults.add(
                    map.at(),
                    "a constraint has one of " + String.join(", ", TYPES)
                            + (top ? ", pinned (and optional beside it)" : "")
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
        return optional(new JsonObject(members), optional);
    }

    private static JsonObject optional(JsonObject constraint, boolean optional) {
        if (!optional) {
            return constraint;
        }
        Map<String, JsonValue> members = new LinkedHashMap<>(constraint.members());
        members.put("optional", new JsonBoolean(true));
        return new JsonObject(members);
    }

    /** Reads the values that a start may give for a pinned argument: any, or those of the nested constraint. */
    private @Nullable JsonObject pinned(YamlMap map, boolean optional) {
        YamlNode value = map.optional(PINNED);
        if (value instanceof YamlMap beside) {
            YamlNode other = beside.optional(ELSE);
            String word = other == null ? null : other.string(faults);
            if (other != null && word != null && !word.equals(AskedGrants.KEY)) {
                faults.add(
                        other.at(),
                        "unknown value '" + word + "' for else" + DidYouMean.hint(word, List.of(AskedGrants.KEY)));
            }
            if (other != null && beside.members().size() == 1) {
                return optional(WILDCARD, optional);
            }
            JsonObject constraint = constraint(beside, false, other != null);
            return constraint == null ? null : optional(constraint, optional);
        }
        Boolean on = value == null ? null : value.bool(faults);
        if (on != null && !on) {
            faults.add(
                    map.at(PINNED),
                    "pinned is true or a constraint; leave it out if a start need not fix the argument");
        }
        return on != null && on ? optional(WILDCARD, optional) : null;
    }

    private boolean read(String type, YamlNode value, Map<String, JsonValue> members) {
        switch (type) {
            case "exact" -> {
                return put(members, "value", values.scalar(value));
            }
            case "path_containment" -> {
                return put(members, "root", values.root(value));
            }
            case "one_of" -> {
                return put(members, "values", values.list(value, true, true));
            }
            case "not_one_of" -> {
                return put(members, "excluded", values.list(value, false, true));
            }
            case "contains" -> {
                return put(members, "required", values.array(value, false, false));
            }
            case "subset" -> {
                return put(members, "allowed", values.list(value, false, false));
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
                if (values.scalar(value) instanceof JsonNumber number) {
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
}
