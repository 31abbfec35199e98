package dev.errand.sequence.rule;

import dev.errand.sequence.rule.Absence.When;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The compiled {@link Absence} with {@code when: happened} or {@code failed}. State: for each value of {@code after},
 * the time of its last such outcome. Cost: a look-up, and a walk over the calls in flight and the unknown ones. The outcome of each call of
 * {@code after} is awaited.
 */
record AbsenceOfOutcomeMonitor(Absence rule, OperationKey operation, OperationKey after) implements RuleMonitor {
    @Override
    public boolean concerns(int symbol) {
        return symbol == operation.symbol() || symbol == after.symbol();
    }

    @Override
    public boolean countsSent(Tally tally, Place place) {
        return false;
    }

    @Override
    public boolean awaits(Tally tally, Place place) {
        return after.is(place) && (!rule.within().isTask() || !tally.has(after.value(place)));
    }

    @Override
    public @Nullable Breach check(Tally tally, Pair pair, Surroundings task) {
        Breach breach = forbidden(tally, pair.place(), task);
        return breach != null ? breach : room(tally, List.of(pair), task);
    }

    @Override
    public @Nullable Breach check(Tally tally, List<Pair> call, Surroundings task) {
        Breach gravest = null;
        for (Pair pair : call) {
            gravest = Breach.graver(gravest, forbidden(tally, pair.place(), task));
        }
        return gravest != null ? gravest : room(tally, call, task);
    }

    private @Nullable Breach forbidden(Tally tally, Place place, Surroundings task) {
        if (!operation.is(place)) {
            return null;
        }
        Value value = operation.value(place);
        Breach breach = AbsenceMonitor.forbidden(rule, tally.of(value), tally.has(value), task);
        if (breach != null) {
            return breach;
        }
        List<String> unknown = task.unknown(after, value, since -> rule.within().counts(since, task.nowMillis()));
        if (unknown.isEmpty() && task.unanswered(after, value) == 0) {
            return null;
        }
        String wanted = Breach.wanted(rule);
        List<String> trace = List.of(rule.after(), rule.operation());
        return unknown.isEmpty()
                ? new Breach(true, wanted + Breach.UNANSWERED, trace)
                : Breach.unknown(unknown, wanted, trace);
    }

    @Override
    public boolean minds(Tally tally, Place place, Surroundings.Unknown call, long nowMillis) {
        return awaits(tally, place) && rule.within().counts(call.sinceMillis(), nowMillis);
    }

    private @Nullable Breach room(Tally tally, List<Pair> call, Surroundings task) {
        List<Pair> more = call.stream().filter(pair -> after.is(pair.place())).toList();
        return more.isEmpty() ? null : Room.of(rule, rule.within(), tally, more, after, task);
    }

    @Override
    public Tally happened(Tally tally, Place place, long atMillis) {
        return rule.when() == When.HAPPENED ? came(tally, place, atMillis) : tally;
    }

    @Override
    public Tally failed(Tally tally, Place place, long atMillis) {
        return rule.when() == When.FAILED ? came(tally, place, atMillis) : tally;
    }

    private Tally came(Tally tally, Place place, long atMillis) {
        return after.is(place) ? Room.came(rule.within(), tally, after.value(place), atMillis) : tally;
    }
}
