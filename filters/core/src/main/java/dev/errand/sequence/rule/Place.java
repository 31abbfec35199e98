package dev.errand.sequence.rule;

import java.util.ArrayList;
import java.util.List;

/**
 * One operation of a call, reduced to what the plan and the rules need.
 *
 * @param symbol the operation's number in the {@link Vocabulary}
 * @param arguments the values of the vocabulary's slots for that operation, in their order
 */
public record Place(int symbol, List<Value> arguments) {
    public Place {
        arguments = List.copyOf(arguments);
    }

    /** The same place with another value in one of its slots. */
    public Place with(int slot, Value value) {
        List<Value> changed = new ArrayList<>(arguments);
        changed.set(slot, value);
        return new Place(symbol, changed);
    }
}
