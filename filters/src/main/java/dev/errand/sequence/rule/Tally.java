package dev.errand.sequence.rule;

import dev.errand.sequence.binding.Value;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The counts of one rule, by the value that distinguishes its calls. Immutable; the arrays are never written to.
 *
 * @param counts by value. With a window: the times in ascending order, epoch milliseconds. For a count or a sum: one
 *     number. For a rule that only asks whether something happened: an empty array
 */
public record Tally(Map<Value, long[]> counts) {
    /** The most entries that one rule keeps: values, or times of all values together. */
    public static final int MAX_ENTRIES = 4_096;

    public static final Tally EMPTY = new Tally(Map.of());

    private static final long[] NOTHING = {};

    public long[] of(Value value) {
        return counts.getOrDefault(value, NOTHING);
    }

    public boolean has(Value value) {
        return counts.containsKey(value);
    }

    /** Whether the value happened and no time is kept for it, so that it counts for the rest of the task. */
    public boolean isForEver(Value value) {
        return has(value) && of(value).length == 0;
    }

    public Tally with(Value value, long... count) {
        if (counts.isEmpty() || (counts.size() == 1 && has(value))) {
            return new Tally(Map.of(value, count));
        }
        Map<Value, long[]> next = new HashMap<>(counts);
        next.put(value, count);
        return new Tally(next);
    }

    public Tally without(Value value) {
        if (!has(value)) {
            return this;
        } else if (counts.size() == 1) {
            return EMPTY;
        }
        Map<Value, long[]> next = new HashMap<>(counts);
        next.remove(value);
        return new Tally(next);
    }

    /** This tally with a value's count changed. A new value is ignored once {@link #MAX_ENTRIES} values are kept. */
    public Tally plus(Value value, long by) {
        long[] count = of(value);
        long next = (count.length == 0 ? 0 : count[0]) + by;
        if (next <= 0) {
            return without(value);
        }
        return has(value) || counts.size() < MAX_ENTRIES ? with(value, next) : this;
    }

    /** This tally without one time of a value; unchanged if the value has no such time. */
    public Tally minusTime(Value value, long time) {
        long[] times = of(value);
        int at = Arrays.binarySearch(times, time);
        if (at < 0) {
            return this;
        } else if (times.length == 1) {
            return without(value);
        }
        long[] next = new long[times.length - 1];
        System.arraycopy(times, 0, next, 0, at);
        System.arraycopy(times, at + 1, next, at, next.length - at);
        return with(value, next);
    }

    /** This tally with one more time of a value. */
    public Tally plusTime(Value value, long time) {
        long[] times = of(value);
        int at = times.length;
        while (at > 0 && times[at - 1] > time) {
            at--;
        }
        long[] next = new long[times.length + 1];
        System.arraycopy(times, 0, next, 0, at);
        next[at] = time;
        System.arraycopy(times, at, next, at + 1, times.length - at);
        return with(value, next);
    }

    /** The number of times kept, of all values together. */
    public int times() {
        int times = 0;
        for (long[] count : counts.values()) {
            times += count.length;
        }
        return times;
    }
}
