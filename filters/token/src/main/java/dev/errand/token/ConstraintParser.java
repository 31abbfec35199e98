package dev.errand.token;

import static dev.errand.token.MalformedConstraintException.ofConstraint;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one constraint from untrusted JSON (AAT-02 section 2): the type must be known, no member unknown, every number
 * admissible. Constraints and the values in them nest at most {@code maxDepth} levels together. A constraint has at
 * most {@value CapabilityParser#MAX_CLAUSES} clauses, including nested ones, since comparing two constraints compares
 * their clauses in pairs. One object for one reading.
 */
final class ConstraintParser {
    private int clauses;

    private ConstraintParser() {}

    static Constraint parse(JsonValue json, int maxDepth) throws MalformedConstraintException {
        return new ConstraintParser().read(json, maxDepth);
    }

    private Constraint read(JsonValue json, int maxDepth) throws MalformedConstraintException {
        if (maxDepth <= 0) {
            throw ofConstraint("nested too deep");
        }
        if (!(json instanceof JsonObject object)) {
            throw ofConstraint("not an object");
        }
        String type = object.string(ConstraintJson.TYPE);
        if (type == null) {
            throw ofConstraint("no constraint_type");
        }
        int below = maxDepth - 1;
        try {
            return switch (type) {
                case "exact" -> new Exact(member(only(object, "value"), "value", below));
                case "range" -> range(object);
                case "one_of" -> OneOf.of(array(only(object, "values"), "values", below));
                case "not_one_of" -> NotOneOf.of(array(only(object, "excluded"), "excluded", below));
                case "contains" -> Contains.of(array(only(object, "required"), "required", below));
                case "subset" -> Subset.of(array(only(object, "allowed"), "allowed", below));
                case "wildcard" -> {
                    only(object);
                    yield Wildcard.ANY;
                }
                case "all" -> new All(clauses(object, below));
                case "any" -> new Any(clauses(object, below));
                case "path_containment" -> pathContainment(object);
                default -> throw ofConstraint("an unknown constraint_type");
            };
        } catch (IllegalArgumentException e) {
            String message = e.getMessage();
            throw ofConstraint(message == null ? "malformed" : message);
        }
    }

    private static JsonObject only(JsonObject object, String... members) throws MalformedConstraintException {
        Set<String> known = Set.of(members);
        for (String name : object.members().keySet()) {
            if (!name.equals(ConstraintJson.TYPE) && !known.contains(name)) {
                throw ofConstraint("a member that its type does not have");
            }
        }
        return object;
    }

    private static JsonValue member(JsonObject object, String name, int maxDepth) throws MalformedConstraintException {
        JsonValue value = object.get(name);
        if (value == null) {
            throw ofConstraint("no " + name);
        }
        if (depth(value) > maxDepth) {
            throw ofConstraint("nested too deep");
        }
        return value;
    }

    private static List<JsonValue> array(JsonObject object, String name, int maxDepth)
            throws MalformedConstraintException {
        if (member(object, name, maxDepth + 1) instanceof JsonArray array) {
            return array.values();
        }
        throw ofConstraint(name + " is not an array");
    }

    private List<Constraint> clauses(JsonObject object, int below) throws MalformedConstraintException {
        only(object, "constraints");
        if (!(object.get("constraints") instanceof JsonArray array)) {
            throw ofConstraint("constraints is not an array");
        }
        clauses += array.values().size();
        if (clauses > CapabilityParser.MAX_CLAUSES) {
            throw ofConstraint("more than " + CapabilityParser.MAX_CLAUSES + " clauses");
        }
        List<Constraint> read = new ArrayList<>(array.values().size());
        for (JsonValue clause : array.values()) {
            read.add(read(clause, below));
        }
        return read;
    }

    private static Constraint pathContainment(JsonObject object) throws MalformedConstraintException {
        String root = only(object, "root").string("root");
        if (root == null) {
            throw ofConstraint("root is not a string");
        }
        return new PathContainment(root);
    }

    private static Constraint range(JsonObject object) throws MalformedConstraintException {
        only(object, "min", "max", "min_inclusive", "max_inclusive");
        return new Range(bound(object, "min"), bound(object, "max"));
    }

    private static Range.@Nullable Bound bound(JsonObject object, String name) throws MalformedConstraintException {
        JsonValue value = object.get(name);
        JsonValue inclusive = object.get(name + "_inclusive");
        if (value == null) {
            if (inclusive != null) {
                throw ofConstraint(name + "_inclusive without " + name);
            }
            return null;
        }
        if (!(value instanceof JsonNumber number)) {
            throw ofConstraint(name + " is not a number");
        }
        if (inclusive == null) {
            return new Range.Bound(number, true);
        }
        if (!(inclusive instanceof JsonBoolean flag)) {
            throw ofConstraint(name + "_inclusive is not a boolean");
        }
        return new Range.Bound(number, flag.value());
    }

    private static int depth(JsonValue value) {
        int deepest = 0;
        if (value instanceof JsonArray array) {
            for (JsonValue element : array.values()) {
                deepest = Math.max(deepest, depth(element));
            }
        } else if (value instanceof JsonObject object) {
            for (JsonValue element : object.members().values()) {
                deepest = Math.max(deepest, depth(element));
            }
        } else {
            return 0;
        }
        return deepest + 1;
    }
}
