package dev.errand.operation;

import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The places of an operation's values: which of its arguments come as JSON, and which values its answers return. As a
 * predicate it tells whether the argument of a name came as text: from path, query or header. Immutable.
 *
 * @param returns the place of each value in an answer, by name
 * @param json whether all its arguments come as JSON
 * @param body the arguments that come as JSON, if not all do
 */
public record OperationValues(Map<String, AnswerPlace> returns, boolean json, Set<String> body)
        implements Predicate<String> {
    /** For an operation whose arguments are all text. Its answers return no values. */
    public static final OperationValues TEXT = new OperationValues(Map.of(), false, Set.of());

    /** For an operation whose arguments are all JSON. Its answers return no values. */
    public static final OperationValues JSON = new OperationValues(Map.of(), true, Set.of());

    public OperationValues {
        returns = Map.copyOf(returns);
        body = Set.copyOf(body);
    }

    /** The same, with these values in its answers. */
    public OperationValues returning(Map<String, AnswerPlace> values) {
        return new OperationValues(values, json, body);
    }

    @Override
    public boolean test(String argument) {
        return !json && !body.contains(argument);
    }
}
