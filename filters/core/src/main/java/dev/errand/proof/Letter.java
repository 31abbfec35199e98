package dev.errand.proof;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.proof.World.Granted;
import dev.errand.sequence.Move;
import dev.errand.token.Constraint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One kind of granted call. An argument may admit endlessly many values. Values that no rule and no property tells apart
 * are then one value, and two calls with it may have equal or different values. Immutable.
 *
 * @param number its place among the letters
 * @param granted the operation and what it may have
 * @param arguments the arguments; {@link #OTHER} stands for any further value
 * @param others the arguments that are {@link #OTHER}
 * @param asked whether humans are asked about every such call
 */
record Letter(int number, Granted granted, JsonObject arguments, Set<String> others, boolean asked) {
    /** Stands for all values that nothing tells apart. */
    static final JsonString OTHER = new JsonString("\u0000other");

    Letter {
        others = Set.copyOf(others);
    }

    String operation() {
        return granted.operation().id();
    }

    /** The arguments with a value that the grant admits for each {@link #OTHER}. */
    static Map<String, JsonValue> shown(Granted granted, Map<String, JsonValue> arguments) {
        Map<String, JsonValue> shown = new LinkedHashMap<>(arguments);
        shown.replaceAll((name, value) -> {
            Constraint constraint = granted.constraint(name);
            List<JsonValue> one = value != OTHER || constraint == null ? List.of() : Samples.of(constraint, 1);
            return value != OTHER ? value : one.isEmpty() ? Samples.names(1).get(0) : one.get(0);
        });
        return shown;
    }

    /** The call as plan and rules see it. */
    Move move() {
        return move(operation(), arguments);
    }

    /** The call under another name, with other arguments. */
    Move move(String name, JsonObject with) {
        Move.Kind kind = switch (granted.operation().effect()) {
            case CONNECT -> Move.Kind.CONNECTS;
            case READ, LIST -> Move.Kind.READS;
            default -> Move.Kind.CHANGES;
        };
        return new Move(
                name,
                granted.folding().ofArguments(with),
                false,
                granted.operation().values(),
                kind);
    }
}
