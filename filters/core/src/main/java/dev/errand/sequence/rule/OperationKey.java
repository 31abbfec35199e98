package dev.errand.sequence.rule;

import java.util.Arrays;
import java.util.List;

/**
 * The part of a call of one operation that a rule sees.
 *
 * @param slots the positions in a {@link Place} of the values that the rule distinguishes
 */
public record OperationKey(int symbol, int[] slots) {
    public static OperationKey of(String operation, List<String> same, Vocabulary vocabulary) {
        int symbol = vocabulary.symbol(operation);
        return new OperationKey(
                symbol,
                same.stream().mapToInt(name -> vocabulary.slot(symbol, name)).toArray());
    }

    /** Whether the place belongs to the operation. */
    public boolean is(Place place) {
        return place.symbol() == symbol;
    }

    /** Whether the place belongs to the operation and has that value. */
    public boolean is(Place place, Value value) {
        return place.symbol() == symbol && value(place).equals(value);
    }

    /** The value by which the rule counts the place; {@link Value#ANY} if it distinguishes no values. */
    public Value value(Place place) {
        if (slots.length == 0) {
            return Value.ANY;
        }
        if (slots.length == 1) {
            return place.arguments().get(slots[0]);
        }
        return Value.of(Arrays.stream(slots).mapToObj(place.arguments()::get).toList());
    }

    /** Whether the call has every argument by which the rule distinguishes calls. */
    public boolean isComplete(Place place) {
        return Arrays.stream(slots)
                .noneMatch(slot -> place.arguments().get(slot).equals(Value.ABSENT));
    }
}
