package dev.errand.task;

import dev.errand.token.ArgumentMap;
import dev.errand.token.Capability;
import dev.errand.token.Constraint;
import dev.errand.token.Exact;
import dev.errand.token.OneOf;
import dev.errand.token.ToolGrant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The arguments that a template pins: whoever starts a task must fix each of them to values, otherwise the operation is
 * not granted. Immutable and thread-safe.
 *
 * @param byOperation the pinned arguments of each operation that has some, and whether each may be absent
 */
public record PinnedArguments(Map<String, Map<String, Boolean>> byOperation) {
    /** No argument is pinned. */
    public static final PinnedArguments NONE = new PinnedArguments(Map.of());

    public PinnedArguments {
        Map<String, Map<String, Boolean>> copy = new LinkedHashMap<>();
        byOperation.forEach((operation, names) -> copy.put(operation, Map.copyOf(names)));
        byOperation = Map.copyOf(copy);
    }

    public boolean isEmpty() {
        return byOperation.isEmpty();
    }

    /** The operations that have pinned arguments. */
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

    /**
     * An argument is fixed if the map gives it values, or if it may be absent and the map allows no argument that it
     * does not name.
     */
    private static boolean fixes(ArgumentMap map, String name, Map<String, Boolean> optional) {
        ArgumentMap.Rule rule = map.named().get(name);
        return rule == null ? !map.open() && Boolean.TRUE.equals(optional.get(name)) : isValues(rule.constraint());
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
