package dev.errand.sequence.rule;

import dev.errand.sequence.binding.Place;
import dev.errand.sequence.binding.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The compiled {@link Bounded}: {@code operation} at most so often, in the task or in any window. */
record BoundedMonitor(Bounded rule, OperationKey operation) implements RuleMonitor {
    @Override
    public boolean concerns(int symbol) {
        return symbol == operation.symbol();
    }

    @Override
    public boolean countsSent(Tally tally, Place place) {
        return place.symbol() == operation.symbol();
    }

    @Override
    public boolean awaits(Tally tally, Place place) {
        return false;
    }

    @Override
    public @Nullable Breach check(Tally tally, Place place, Predicate<Predicate<Place>> inFlight, long nowMillis) {
        if (place.symbol() != operation.symbol()) {
            return null;
        }
        Value value = operation.value(place);
        long[] count = tally.of(value);
        String limit = "`" + rule.operation() + "` may be called at most " + rule.atMost() + " times";
        if (rule.withinMillis().isEmpty()) {
            return count.length > 0 && count[0] >= rule.atMost()
                    ? new Breach(false, limit + Breach.scope(rule), trace())
                    : Breach.full(rule, tally, value);
        }
        long within = rule.withinMillis().get();
        int atMost = (int) rule.atMost();
        if (count.length >= atMost && nowMillis - count[count.length - atMost] < within) {
            long free = count[count.length - atMost] + within - nowMillis;
            return new Breach(
                    false,
                    limit + " within " + Bounded.duration(within) + Breach.same(rule) + " (rule at " + rule.position()
                            + "); the next is possible in " + Bounded.duration(free),
                    trace());
        }
        return fullOfTimes(expire(tally, nowMillis), value);
    }

    private @Nullable Breach fullOfTimes(Tally current, Value value) {
        return current.times() >= Tally.MAX_TIMES && !rule.same().isEmpty()
                ? new Breach(
                        true,
                        "`" + rule.operation() + "` must wait: the rule at " + rule.position() + " keeps no more than "
                                + Tally.MAX_TIMES + " calls apart",
                        List.of(rule.operation()))
                : Breach.full(rule, current, value);
    }

    @Override
    public Tally sent(Tally tally, Place place, long nowMillis) {
        if (place.symbol() != operation.symbol()) {
            return tally;
        }
        Value value = operation.value(place);
        if (rule.withinMillis().isEmpty()) {
            return tally.plus(value, 1);
        }
        Tally current =
                tally.has(value) || tally.counts().size() < Tally.MAX_VALUES / 2 ? tally : expire(tally, nowMillis);
        if ((!current.has(value) && current.counts().size() >= Tally.MAX_VALUES)
                || current.times() >= 2 * Tally.MAX_TIMES) {
            return current;
        }
        long[] recent = recent(current.of(value), nowMillis);
        // The newest `at-most` times tell all: more of them come only where the rule is merely observed.
        int kept = (int) Math.min(recent.length, rule.atMost() - 1);
        long[] next = Arrays.copyOfRange(recent, recent.length - kept, recent.length + 1);
        next[kept] = nowMillis;
        return current.with(value, next);
    }

    @Override
    public Tally giveBack(Tally tally, Place place, long sentMillis) {
        if (place.symbol() != operation.symbol()) {
            return tally;
        }
        Value value = operation.value(place);
        if (rule.withinMillis().isEmpty()) {
            return tally.plus(value, -1);
        }
        long[] times = tally.of(value);
        int at = Arrays.binarySearch(times, sentMillis);
        if (at < 0) {
            return tally;
        }
        if (times.length == 1) {
            return tally.without(value);
        }
        long[] next = new long[times.length - 1];
        System.arraycopy(times, 0, next, 0, at);
        System.arraycopy(times, at + 1, next, at, next.length - at);
        return tally.with(value, next);
    }

    /** Forgets what no longer matters. */
    private Tally expire(Tally tally, long nowMillis) {
        if (rule.withinMillis().isEmpty()) {
            return tally;
        }
        Map<Value, long[]> next = new HashMap<>();
        tally.counts().forEach((value, times) -> {
            long[] recent = recent(times, nowMillis);
            if (recent.length > 0) {
                next.put(value, recent);
            }
        });
        return new Tally(next);
    }

    private long[] recent(long[] times, long nowMillis) {
        long oldest = nowMillis - rule.withinMillis().orElseThrow();
        int from = 0;
        while (from < times.length && times[from] <= oldest) {
            from++;
        }
        return from == 0 ? times : Arrays.copyOfRange(times, from, times.length);
    }

    private List<String> trace() {
        int shown = (int) Math.min(rule.atMost() + 1, 64);
        List<String> trace = new ArrayList<>(Collections.nCopies(shown, rule.operation()));
        if (shown <= rule.atMost()) {
            trace.set(shown - 2, "… " + (rule.atMost() + 2 - shown) + " more");
        }
        return trace;
    }
}
