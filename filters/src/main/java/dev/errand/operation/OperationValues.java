package dev.errand.operation;

import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Where the values of an operation stand: which of its arguments come as JSON, and which values its answers return. As a predicate
 * it tells whether an argument of a name came as text, from path, query or header. Immutable.
 *
 * @param returns by name where an answer has it; {@code *} is any item of an array
 * @param json whether all its arguments come as JSON
 * @param body the arguments that come as JSON where not all do
 */
public record OperationValues(Map<String, JsonPointer> returns, boolean json, Set<String> body)
        implements Predicate<String> {
    /** Those of an operation whose arguments are all text. Its answers return nothing. */
    public static final OperationValues TEXT = new OperationValues(Map.of(), false, Set.of());

    /** Of an operation all of whose arguments are JSON, and whose answers return nothing. */
    public static final OperationValues JSON = new OperationValues(Map.of(), true, Set.of());

    public OperationValues {
        returns = Map.copyOf(returns);
        body = Set.copyOf(body);
    }

    /** The same, with these values in its answers. */
    public OperationValues returning(Map<String, JsonPointer> values) {
        return new OperationValues(values, json, body);
    }

    @Override
    public boolean test(String argument) {
        return !json && !body.contains(argument);
    }
}
