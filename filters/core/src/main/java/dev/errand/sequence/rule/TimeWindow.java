package dev.errand.sequence.rule;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Keys.Key;
import dev.errand.config.Shape;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import java.time.Duration;
import java.util.Arrays;

/**
 * The window of time that a rule looks back over, by the store's clock. The window is closed at both ends: an event
 * counts until its time plus the length, including that last millisecond. Immutable.
 *
 * @param millis the length, 1 or more; that of {@link #TASK} means the whole task
 */
record TimeWindow(long millis) {
    /** No window: the whole task. */
    static final TimeWindow TASK = new TimeWindow(Long.MAX_VALUE);

    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofDays(366);

    static Key key(String what) {
        return Keys.optional("within", Shape.duration(), what);
    }

    /** Reads the window; {@link #TASK} if the key is absent or, after a fault, faulty. */
    static TimeWindow read(YamlMap map, Faults faults) {
        YamlNode node = map.optional("within");
        Duration window = node == null ? null : node.duration(SHORTEST, LONGEST, faults);
        return window == null ? TASK : new TimeWindow(window.toMillis());
    }

    boolean isTask() {
        return this == TASK;
    }

    /** Whether an event at the first time still counts at the second, both in epoch milliseconds. */
    boolean counts(long thenMillis, long nowMillis) {
        return isTask() || nowMillis - thenMillis <= millis;
    }

    /** How long an event at the first time still counts; above one second, rounded up to whole seconds. */
    String left(long thenMillis, long nowMillis) {
        long left = thenMillis + millis + 1 - nowMillis;
        return duration(left <= 1_000 ? left : (left + 999) / 1_000 * 1_000);
    }

    /** The times that still count, in the same order. */
    long[] recent(long[] times, long nowMillis) {
        int from = 0;
        while (from < times.length && !counts(times[from], nowMillis)) {
            from++;
        }
        return from == 0 ? times : Arrays.copyOfRange(times, from, times.length);
    }

    /** The tally without the times that no longer count, and without the values that have no other time. */
    Tally recent(Tally tally, long nowMillis) {
        if (isTask()) {
            return tally;
        }
        return tally.recent(times -> recent(times, nowMillis), nowMillis);
    }

    /**
     * The tally; if it is getting full, without the times that no longer count. Removing them costs a walk, so it is
     * done late.
     */
    Tally roomy(Tally tally, long nowMillis) {
        return tally.counts().size() < Tally.MAX_ENTRIES / 2 && tally.times() < Tally.MAX_ENTRIES
                ? tally
                : recent(tally, nowMillis);
    }

    /**
     * The times of sent calls, with the current time added. Of the earlier times, only the newest and those of calls
     * that may still be given back are kept.
     */
    long[] sentNow(long[] times, RuleContext task) {
        long[] kept = new long[times.length + 1];
        int count = 0;
        int newest = times.length - 1;
        // A time of this same millisecond may be that of another operation of the call, which is not in flight yet.
        while (newest >= 0 && (times[newest] == task.nowMillis() || task.mayBeGivenBack(times[newest]))) {
            newest--;
        }
        for (int i = Math.max(0, newest); i < times.length; i++) {
            kept[count++] = times[i];
        }
        kept[count++] = task.nowMillis();
        return Arrays.copyOf(kept, count);
    }

    /** The end of a rule's label; empty for the whole task. */
    String label() {
        return isTask() ? "" : ", within: " + duration(millis);
    }

    /** The window in a sentence; empty for the whole task. */
    String words() {
        return isTask() ? "" : " within " + duration(millis);
    }

    /** Milliseconds as a template writes them. */
    static String duration(long millis) {
        if (millis % 3_600_000 == 0) {
            return millis / 3_600_000 + "h";
        } else if (millis % 60_000 == 0) {
            return millis / 60_000 + "m";
        }
        return millis % 1_000 == 0 ? millis / 1_000 + "s" : millis + "ms";
    }
}
