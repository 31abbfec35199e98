package dev.errand.sequence;

import java.util.List;

/**
 * A call whose outcome is unknown, and on whose outcome the plan or a rule depends.
 *
 * @param decision the call's decision id
 * @param operations the operations that the plan or a rule names; {@code *} stands for any other
 * @param sinceMillis since when it is unknown, epoch milliseconds
 */
public record UnknownOutcome(String decision, List<String> operations, long sinceMillis) {
    public UnknownOutcome {
        operations = List.copyOf(operations);
    }
}
