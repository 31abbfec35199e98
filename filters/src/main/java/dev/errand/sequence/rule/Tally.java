package dev.errand.sequence.rule;

import dev.errand.sequence.binding.Value;
import java.util.HashMap;
import java.util.Map;

/**
 * What one rule has counted, by the value that it tells calls apart by. Immutable; the arrays are never written to.
 *
 * @param counts for a window the times in ascending order, epoch milliseconds; for an absolute count that one number;
 *     for what happened nothing
 */
public record Tally(Map<Value, long[]> counts) {
    /** The most values that one rule keeps apart. */
    public static final int MAX_VALUES = 1_024;

    /** The most times that one rule keeps. */
    public static final int MAX_TIMES = 16_384;

    public static final Tally EMPTY = new Tally(Map.of());

    private static final long[] NOTHING = {};

    long[] of(Value value) {
        return counts.getOrDefault(value, NOTHING);
    }

    boolean has(Value value) {
        return counts.containsKey(value);
    }

    /** Whether it is known to have happened, which nothing takes back. */
    boolean isForEver(Value value) {
        return has(value) && of(value).length == 0;
    }

    Tally with(Value value, long... count) {
        Map<Value, long[]> next = new HashMap<>(counts);
        next.put(value, count);
        return new Tally(next);
    }

    Tally without(Value value) {
        Map<Value, long[]> next = new HashMap<>(counts);
        next.remove(value);
        return new Tally(next);
    }

    /** With a count changed by so much; a value that is new is left out where {@link #MAX_VALUES} are kept. */
    Tally plus(Value value, int by) {
        long[] count = of(value);
        long next = (count.length == 0 ? 0 : count[0]) + by;
        if (next <= 0) {
            return has(value) ? without(value) : this;
        }
        return has(value) || counts.size() < MAX_VALUES ? with(value, next) : this;
    }

    int times() {
        int times = 0;
        for (long[] count : counts.values()) {
            times += count.length;
        }
        return times;
    }
}
