package dev.errand.sequence.rule;

import java.util.Collections;
import java.util.List;

/**
 * How much a rule had counted before a call: for each operation of the call one number, or one number for all of them
 * if they are equal. Immutable.
 *
 * @param each 0 or more each; empty for a rule that counts nothing
 */
public record Counts(List<Long> each) {
    /** Of a rule that counts nothing. */
    public static final Counts NONE = new Counts(List.of());

    /** Stands for a number if the rule has no room to count the operation. */
    public static final long FULL = Long.MAX_VALUE;

    /** The most numbers that are kept apart. */
    public static final int MOST = 64;

    public Counts {
        each = List.copyOf(each);
    }

    /** What the rule had counted for the operations of a call, which it looks at. */
    public static Counts of(RuleMonitor rule, Tally tally, List<Pair> call, RuleContext task) {
        List<Long> each = rule.counted(tally, call, task);
        boolean equal = true;
        for (long counted : each) {
            if (counted == RuleMonitor.NOTHING) {
                return NONE;
            }
            equal &= each.get(0) == counted;
        }
        return isTight(tally, call.size()) ? new Counts(List.of(FULL)) : new Counts(equal ? each.subList(0, 1) : each);
    }

    /** Whether operations of one call may take each other's room. */
    private static boolean isTight(Tally tally, int operations) {
        return operations > 1 && Math.max(tally.counts().size(), tally.times()) + operations > Tally.MAX_ENTRIES;
    }

    /** The largest number; -1 for a rule that counts nothing. */
    public long highest() {
        return each.isEmpty() ? -1 : Collections.max(each);
    }

    /** Whether every number of the call can be told apart, and the rule has room to count the call. */
    public boolean isExact() {
        return each.size() <= MOST && highest() != FULL;
    }

    /** Whether no number here is above the number for the same operation there. */
    public boolean isWithin(Counts other) {
        if (each.size() != other.each.size()) {
            return !each.isEmpty() && !other.each.isEmpty() && highest() <= Collections.min(other.each);
        }
        for (int i = 0; i < each.size(); i++) {
            if (each.get(i) > other.each.get(i)) {
                return false;
            }
        }
        return true;
    }
}
