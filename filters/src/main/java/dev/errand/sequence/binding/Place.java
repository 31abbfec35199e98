package dev.errand.sequence.binding;

import java.util.List;

/**
 * One operation of a call, reduced to what plan and rules need of it.
 *
 * @param symbol the operation's number in the {@link Vocabulary}
 * @param arguments the values of the vocabulary's argument names for that operation, in its order
 */
public record Place(int symbol, List<Value> arguments) {
    public Place {
        arguments = List.copyOf(arguments);
    }
}
