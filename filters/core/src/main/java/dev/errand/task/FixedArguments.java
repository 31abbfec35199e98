package dev.errand.task;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.Operation;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a task's calls that the template fixes, or the human who consented to them. Content that came into
 * the task later cannot choose these. Immutable and thread-safe; made when the template is loaded.
 *
 * @param byOperation the arguments that the line of each operation fixes
 * @param byCatalogue the arguments that every line of {@code catalogue:*} fixes, by the prefix of their operations
 */
public record FixedArguments(Map<String, Set<String>> byOperation, Map<String, Set<String>> byCatalogue) {
    /** Nothing is fixed. */
    public static final FixedArguments NONE = new FixedArguments(Map.of(), Map.of());

    public FixedArguments {
        byOperation = copy(byOperation);
        byCatalogue = copy(byCatalogue);
    }

    private static Map<String, Set<String>> copy(Map<String, Set<String>> names) {
        Map<String, Set<String>> copy = new LinkedHashMap<>();
        names.forEach((key, each) -> copy.put(key, Set.copyOf(each)));
        return Map.copyOf(copy);
    }

    /** Who fixes an argument, the strongest first. */
    public enum By {
        /** The template, by a literal value. */
        TEMPLATE,
        /** The start, by a pinned value. */
        PINNED,
        /** The start, by a parameter. */
        PARAMETER,
        /** Nobody: the argument is not fixed. */
        NOBODY
    }

    /** Collects the lines of one template's {@code allow}. Not thread-safe. */
    public static final class Builder {
        private final Map<String, Set<String>> byOperation = new LinkedHashMap<>();
        private final Map<String, Set<String>> byCatalogue = new LinkedHashMap<>();
        private final Predicate<By> counts;

        /** @param counts which of them count as fixing an argument */
        public Builder(Predicate<By> counts) {
            this.counts = counts;
        }

        /**
         * Adds one line.
         *
         * @param id an operation, or {@code catalogue:*}
         * @param arguments its constraints in the form of a token, with {@code {parameter}} in their strings
         * @param pinned the arguments that a start must fix
         */
        public Builder line(String id, JsonObject arguments, Set<String> pinned) {
            Set<String> fixed = new LinkedHashSet<>();
            arguments.members().forEach((name, constraint) -> {
                By template = isOptional(constraint) ? By.NOBODY : by(constraint);
                By by = pinned.contains(name) && template != By.TEMPLATE ? By.PINNED : template;
                if (by != By.NOBODY && counts.test(by)) {
                    fixed.add(name);
                }
            });
            if (id.endsWith(":*")) {
                byCatalogue
                        .computeIfAbsent(id.substring(0, id.length() - 1), unused -> new LinkedHashSet<>(fixed))
                        .retainAll(fixed);
            } else {
                byOperation.put(id, fixed);
            }
            return this;
        }

        public FixedArguments build() {
            return new FixedArguments(byOperation, byCatalogue);
        }
    }

    /** Whether a call may leave the argument out. Then nothing fixes what the call does without it. */
    private static boolean isOptional(JsonValue json) {
        return json instanceof JsonObject constraint && new JsonBoolean(true).equals(constraint.get("optional"));
    }

    private static By by(JsonValue json) {
        if (!(json instanceof JsonObject constraint)) {
            return By.NOBODY;
        }
        return switch (String.valueOf(constraint.string("constraint_type"))) {
            case "exact" -> ofValue(constraint.get("value"));
            case "one_of" -> ofValue(constraint.get("values"));
            case "all" -> ofClauses(constraint, true);
            case "any" -> ofClauses(constraint, false);
            default -> By.NOBODY;
        };
    }

    private static By ofValue(@Nullable JsonValue value) {
        if (value instanceof JsonString text) {
            return text.value().matches("(?s).*\\{[A-Za-z][A-Za-z0-9_-]*\\}.*") ? By.PARAMETER : By.TEMPLATE;
        } else if (value instanceof JsonArray list) {
            return list.values().stream()
                    .map(FixedArguments::ofValue)
                    .reduce(By.TEMPLATE, (one, other) -> one.compareTo(other) > 0 ? one : other);
        }
        return value == null ? By.NOBODY : By.TEMPLATE;
    }

    /** One clause of {@code all} suffices to fix the argument; every clause of {@code any} must fix it. */
    private static By ofClauses(JsonObject constraint, boolean all) {
        if (!(constraint.get("constraints") instanceof JsonArray clauses)) {
            return By.NOBODY;
        }
        return clauses.values().stream()
                .map(FixedArguments::by)
                .reduce(all ? By.NOBODY : By.TEMPLATE, (one, other) -> (one.compareTo(other) < 0) == all ? one : other);
    }

    /**
     * Whether every argument that the operation needs trusted is fixed; false if it needs the whole call trusted.
     *
     * @param others arguments that are fixed otherwise
     */
    public boolean fixAllThat(Operation operation, Set<String> others) {
        if (operation.trustedArguments().isEmpty()) {
            return false;
        }
        Set<String> fixed = byOperation.get(operation.id());
        if (fixed == null) {
            fixed = byCatalogue.get(operation.id().substring(0, operation.id().indexOf(':') + 1));
        }
        Set<String> own = fixed == null ? Set.of() : fixed;
        return operation.trustedArguments().stream().allMatch(name -> own.contains(name) || others.contains(name));
    }
}
