package dev.errand.sequence.rule;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The compiled {@link Precedence} without {@code once}. State: the values that happened and, with a window, the last time
 * of each. Cost: a look-up; if it finds nothing, a walk over the calls in flight and the unknown ones. With a window, the outcome of
 * each call of {@code operation} is awaited; without one, only that of the first call of each value.
 */
record PrecedenceMonitor(Precedence rule, OperationKey operation, OperationKey before) implements RuleMonitor {
    @Override
    public boolean concerns(int symbol) {
        return symbol == operation.symbol() || symbol == before.symbol();
    }

    @Override
    public boolean countsSent(Tally tally, Place place) {
        return false;
    }

    @Override
    public boolean awaits(Tally tally, Place place) {
        return operation.is(place)
                && operation.isComplete(place)
                && (!rule.within().isTask() || !tally.has(operation.value(place)));
    }

    @Override
    public @Nullable Breach check(Tally tally, Pair pair, Surroundings task) {
        Breach breach = unmet(tally, pair.place(), task);
        return breach != null ? breach : room(tally, List.of(pair), task);
    }

    @Override
    public @Nullable Breach check(Tally tally, List<Pair> call, Surroundings task) {
        Breach gravest = null;
        for (Pair pair : call) {
            gravest = Breach.graver(gravest, unmet(tally, pair.place(), task));
        }
        return gravest != null ? gravest : room(tally, call, task);
    }

    private @Nullable Breach unmet(Tally tally, Place place, Surroundings task) {
        if (!before.is(place) || (before.isComplete(place) && isMet(tally, before.value(place), task))) {
            return null;
        }
        List<String> trace = List.of(rule.before());
        if (before.isComplete(place)) {
            Value value = before.value(place);
            if (task.unanswered(operation, value) > 0) {
                return new Breach(true, Breach.wanted(rule) + Breach.UNANSWERED, trace);
            }
            List<String> unknown =
                    task.unknown(operation, value, since -> rule.within().counts(since, task.nowMillis()));
            if (!unknown.isEmpty()) {
                return Breach.unknown(unknown, Breach.wanted(rule), trace);
            }
        }
        return new Breach(false, Breach.wanted(rule), trace);
    }

    @Override
    public boolean minds(Tally tally, Place place, Surroundings.Unknown call, long nowMillis) {
        return awaits(tally, place) && rule.within().counts(call.sinceMillis(), nowMillis);
    }

    private @Nullable Breach room(Tally tally, List<Pair> call, Surroundings task) {
        List<Pair> more =
                call.stream().filter(pair -> awaits(tally, pair.place())).toList();
        return more.isEmpty() ? null : Room.of(rule, rule.within(), tally, more, operation, task);
    }

    private boolean isMet(Tally tally, Value value, Surroundings task) {
        if (rule.within().isTask()) {
            return tally.has(value);
        }
        long[] times = tally.of(value);
        return times.length > 0 && rule.within().counts(times[times.length - 1], task.nowMillis());
    }

    @Override
    public Tally happened(Tally tally, Place place, long atMillis) {
        return awaits(tally, place) ? Room.came(rule.within(), tally, operation.value(place), atMillis) : tally;
    }
}
