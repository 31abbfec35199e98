package dev.errand.sequence.rule;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The counts of one rule, by the value that distinguishes its calls. Immutable, except for a {@link #working} copy, which
 * one thread changes in place while it counts the operations of one call. The arrays are never written to.
 */
public final class Tally {
    /** The most entries that one rule keeps: values, or times of all values together. */
    public static final int MAX_ENTRIES = 4_096;

    public static final Tally EMPTY = new Tally(Map.of());

    private static final long[] NOTHING = {};
    private static final int UNKNOWN = -1;

    private final Map<Value, long[]> counts;
    private int times = UNKNOWN;
    private boolean working;
    /** The time, epoch milliseconds, for which old times were removed from a working copy; or 0. */
    private long recentMillis;

    /**
     * @param counts by value. With a window: the times in ascending order, epoch milliseconds. For a count or a sum: one
     *     number. For a rule that only asks whether something happened: an empty array. Nobody may change the map
     */
    public Tally(Map<Value, long[]> counts) {
        this.counts = counts;
    }

    public Map<Value, long[]> counts() {
        return counts;
    }

    /** A copy that the methods of this class change in place and return. */
    public Tally working() {
        if (working) {
            return this;
        }
        Tally copy = new Tally(new HashMap<>(counts));
        copy.times = times;
        copy.working = true;
        return copy;
    }

    /** This tally, which is immutable from now on. */
    public Tally done() {
        working = false;
        return this;
    }

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
        if (working) {
            long[] before = counts.put(value, count);
            counted(count.length - (before == null ? 0 : before.length));
            return this;
        }
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
        } else if (working) {
            counted(-of(value).length);
            counts.remove(value);
            return this;
        } else if (counts.size() == 1) {
            return EMPTY;
        }
        Map<Value, long[]> next = new HashMap<>(counts);
        next.remove(value);
        return new Tally(next);
    }

    private void counted(int more) {
        times = times == UNKNOWN ? UNKNOWN : times + more;
    }

    /**
     * This tally with only those times of each value that still count, and without the values that have none.
     *
     * @param recent the times that still count at that time, in the same order
     * @param nowMillis the same for all operations of one call, epoch milliseconds
     */
    public Tally recent(UnaryOperator<long[]> recent, long nowMillis) {
        if (working && recentMillis == nowMillis) {
            return this;
        }
        Map<Value, long[]> next = working ? counts : new HashMap<>(counts);
        next.replaceAll((value, all) -> recent.apply(all));
        next.values().removeIf(left -> left.length == 0);
        if (!working) {
            return new Tally(next);
        }
        times = UNKNOWN;
        recentMillis = nowMillis;
        return this;
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

    /** This tally with the bound in the place of each higher count. */
    public Tally countingTo(long most) {
        Map<Value, long[]> next = new HashMap<>(counts);
        next.replaceAll((value, count) -> count.length == 1 && count[0] > most ? new long[] {most} : count);
        return new Tally(next);
    }

    /** This tally without one time of a value; unchanged if the value has no such time. */
    public Tally minusTime(Value value, long time) {
        long[] all = of(value);
        int at = Arrays.binarySearch(all, time);
        if (at < 0) {
            return this;
        } else if (all.length == 1) {
            return without(value);
        }
        long[] next = new long[all.length - 1];
        System.arraycopy(all, 0, next, 0, at);
        System.arraycopy(all, at + 1, next, at, next.length - at);
        return with(value, next);
    }

    /** This tally with one more time of a value. */
    public Tally plusTime(Value value, long time) {
        long[] all = of(value);
        int at = all.length;
        while (at > 0 && all[at - 1] > time) {
            at--;
        }
        long[] next = new long[all.length + 1];
        System.arraycopy(all, 0, next, 0, at);
        next[at] = time;
        System.arraycopy(all, at, next, at + 1, all.length - at);
        return with(value, next);
    }

    /** The number of times kept, of all values together. */
    public int times() {
        if (!working) {
            return sum();
        }
        if (times == UNKNOWN) {
            times = sum();
        }
        return times;
    }

    private int sum() {
        int sum = 0;
        for (long[] count : counts.values()) {
            sum += count.length;
        }
        return sum;
    }
}
