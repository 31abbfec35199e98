package dev.errand.task;

import dev.errand.json.JsonValue;
import dev.errand.token.ArgumentMap;
import dev.errand.token.Capability;
import dev.errand.token.Constraint;
import dev.errand.token.Exact;
import dev.errand.token.OneOf;
import dev.errand.token.ToolGrant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The arguments that a template pins: whoever starts a task must fix each of them to values, otherwise the operation is
 * not granted. Immutable and thread-safe.
 *
 * @param byOperation the pinned arguments of each operation that has some, and whether each may be absent
 * @param asked the arguments of each operation that a start need not fix: humans are asked about each value that it did
 *     not fix
 */
public record PinnedArguments(Map<String, Map<String, Boolean>> byOperation, Map<String, Set<String>> asked) {
    /** No argument is pinned. */
    public static final PinnedArguments NONE = new PinnedArguments(Map.of(), Map.of());

    public PinnedArguments {
        asked = Map.copyOf(asked);
        Map<String, Map<String, Boolean>> copy = new LinkedHashMap<>();
        byOperation.forEach((operation, names) -> copy.put(operation, Map.copyOf(names)));
        byOperation = Map.copyOf(copy);
    }

    public boolean isEmpty() {
        return byOperation.isEmpty() && asked.isEmpty();
    }

    /** The values that the given capability fixes for arguments about whose other values humans are asked. */
    public Map<String, Map<String, List<JsonValue>>> values(Capability granted, Capability given) {
        Map<String, Map<String, List<JsonValue>>> values = new LinkedHashMap<>();
        asked.forEach((operation, names) -> {
            if (granted.tools().get(operation) instanceof ArgumentMap wide
                    && given.tools().get(operation) instanceof ArgumentMap narrow) {
                Map<String, List<JsonValue>> fixed = new LinkedHashMap<>();
                for (String name : new TreeSet<>(names)) {
                    ArgumentMap.Rule rule = wide.named().get(name);
                    ArgumentMap.Rule own = narrow.named().get(name);
                    if (rule != null && own != null && isWithin(own.constraint(), rule.constraint())) {
                        fixed.put(name, listed(own.constraint()));
                    }
                }
                if (!fixed.isEmpty()) {
                    values.put(operation, fixed);
                }
            }
        });
        return values;
    }

    private static List<JsonValue> listed(Constraint values) {
        return values instanceof OneOf oneOf ? oneOf.values().values() : List.of(((Exact) values).value());
    }

    /**
     * The given capability, in which each argument about whose other values humans are asked has the granted constraint
     * again if it was fixed to values or left out: its values stand elsewhere, and another value is not refused.
     */
    public Capability unfixing(Capability granted, Capability given) {
        Map<String, ToolGrant> tools = new LinkedHashMap<>(given.tools());
        asked.forEach((operation, names) -> {
            if (granted.tools().get(operation) instanceof ArgumentMap wide
                    && tools.get(operation) instanceof ArgumentMap narrow) {
                Map<String, ArgumentMap.Rule> rules = new LinkedHashMap<>(narrow.named());
                for (String name : names) {
                    ArgumentMap.Rule rule = wide.named().get(name);
                    ArgumentMap.Rule own = rules.get(name);
                    if (rule != null && (own == null || isWithin(own.constraint(), rule.constraint()))) {
                        rules.put(name, rule);
                    }
                }
                tools.put(operation, rules.isEmpty() ? narrow : new ArgumentMap(rules, narrow.open()));
            }
        });
        return new Capability(tools);
    }

    public Set<String> operations() {
        return byOperation.keySet();
    }

    /** The operations with a pinned argument that the given capability does not fix. */
    public Set<String> unfixed(Capability given) {
        Set<String> unfixed = new LinkedHashSet<>();
        byOperation.forEach((operation, names) -> {
            ToolGrant grant = given.tools().get(operation);
            if (!(grant instanceof ArgumentMap map)
                    || !names.keySet().stream().allMatch(name -> fixes(map, name, names))) {
                unfixed.add(operation);
            }
        });
        return unfixed;
    }

    /** An argument is fixed if the map gives it values, or if it may be absent and the map does not name it. */
    private static boolean fixes(ArgumentMap map, String name, Map<String, Boolean> optional) {
        ArgumentMap.Rule rule = map.named().get(name);
        return rule == null ? Boolean.TRUE.equals(optional.get(name)) : isValues(rule.constraint());
    }

    /**
     * The granted capability, in which each pinned argument that the given one leaves out of an open map is refused whatever
     * its value is: the open map alone would permit it.
     */
    public Capability closing(Capability granted, Capability given) {
        Map<String, ToolGrant> tools = new LinkedHashMap<>(granted.tools());
        byOperation.forEach((operation, names) -> {
            if (tools.get(operation) instanceof ArgumentMap map
                    && given.tools().get(operation) instanceof ArgumentMap open
                    && open.open()) {
                Map<String, ArgumentMap.Rule> rules = new LinkedHashMap<>(map.named());
                names.forEach((name, optional) -> {
                    if (optional && !open.named().containsKey(name)) {
                        rules.put(name, new ArgumentMap.Rule(Constraint.nothing(), true));
                    }
                });
                tools.put(operation, rules.isEmpty() ? map : new ArgumentMap(rules, map.open()));
            }
        });
        return new Capability(tools);
    }

    /**
     * The grant with each pinned argument fixed to its given values, if the granted constraint allows all of these. By
     * AAT-02 section 3 alone, a list of values is never narrower than a range or a path.
     */
    public Capability narrowed(Capability granted, Capability given) {
        Map<String, ToolGrant> tools = new LinkedHashMap<>(granted.tools());
        byOperation.forEach((operation, names) -> {
            if (tools.get(operation) instanceof ArgumentMap wide
                    && given.tools().get(operation) instanceof ArgumentMap narrow) {
                Map<String, ArgumentMap.Rule> rules = new LinkedHashMap<>(wide.named());
                for (String name : names.keySet()) {
                    ArgumentMap.Rule rule = rules.get(name);
                    ArgumentMap.Rule values = narrow.named().get(name);
                    if (rule != null && values != null && isWithin(values.constraint(), rule.constraint())) {
                        rules.put(name, new ArgumentMap.Rule(values.constraint(), rule.optional()));
                    }
                }
                tools.put(operation, new ArgumentMap(rules, wide.open()));
            }
        });
        return new Capability(tools);
    }

    private static boolean isWithin(Constraint values, Constraint wide) {
        return values instanceof OneOf oneOf
                ? oneOf.values().values().stream().allMatch(wide::check)
                : values instanceof Exact exact && wide.check(exact.value());
    }

    private static boolean isValues(Constraint constraint) {
        return constraint instanceof Exact || constraint instanceof OneOf;
    }

    /** The capability without these operations. */
    public static Capability without(Capability capability, Set<String> operations) {
        if (operations.isEmpty()) {
            return capability;
        }
        Map<String, ToolGrant> left = new LinkedHashMap<>(capability.tools());
        left.keySet().removeAll(operations);
        return new Capability(left);
    }
}
