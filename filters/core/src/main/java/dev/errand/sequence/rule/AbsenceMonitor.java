package dev.errand.sequence.rule;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The compiled {@link Absence} with {@code when: sent}. State: for each value of {@code after}, the number of sent
 * calls that may be given back or, with a window, their times; once a call is known to have happened, no number. Cost:
 * one look-up.
 */
record AbsenceMonitor(Absence rule, OperationKey operation, OperationKey after) implements RuleMonitor {
    @Override
    public boolean concerns(int symbol) {
        return symbol == operation.symbol() || symbol == after.symbol();
    }

    /** Without a window, once a call of {@code after} happened, further sent calls change nothing. */
    @Override
    public boolean countsSent(Tally tally, Place place) {
        return after.is(place) && (!rule.within().isTask() || !tally.isForEver(after.value(place)));
    }

    @Override
    public boolean awaits(Tally tally, Place place) {
        return false;
    }

    @Override
    public @Nullable Breach check(Tally tally, Pair pair, Surroundings task) {
        Place place = pair.place();
        if (operation.is(place)) {
            Breach breach = forbidden(rule, tally.of(operation.value(place)), tally.has(operation.value(place)), task);
            if (breach != null) {
                return breach;
            }
        }
        return after.is(place)
                ? Breach.full(rule, rule.within().roomy(tally, task.nowMillis()), after.value(place))
                : null;
    }

    /**
     * The objection to a call that comes too soon, or null.
     *
     * @param times the times of {@code after}; the newest counts
     */
    static @Nullable Breach forbidden(Absence rule, long[] times, boolean known, Surroundings task) {
        long newest = times.length == 0 ? 0 : times[times.length - 1];
        if (!known || !rule.within().counts(newest, task.nowMillis())) {
            return null;
        }
        String said = Breach.wanted(rule);
        return new Breach(
                false,
                rule.within().isTask()
                        ? said
                        : said + "; it is possible in " + rule.within().left(newest, task.nowMillis()),
                List.of(rule.after(), rule.operation()));
    }

    @Override
    public Tally sent(Tally tally, Place place, Surroundings task) {
        if (!countsSent(tally, place)) {
            return tally;
        }
        Value value = after.value(place);
        if (rule.within().isTask()) {
            return tally.plus(value, 1);
        }
        Tally room = rule.within().roomy(tally, task.nowMillis());
        return room.has(value) || room.counts().size() < Tally.MAX_ENTRIES
                ? room.with(value, rule.within().sentNow(room.of(value), task))
                : room;
    }

    @Override
    public Tally giveBack(Tally tally, Place place, long sentMillis) {
        if (!countsSent(tally, place)) {
            return tally;
        }
        Value value = after.value(place);
        return rule.within().isTask() ? tally.plus(value, -1) : tally.minusTime(value, sentMillis);
    }

    @Override
    public Tally happened(Tally tally, Place place, long atMillis) {
        boolean counted = rule.within().isTask() && countsSent(tally, place) && tally.has(after.value(place));
        return counted ? tally.with(after.value(place)) : tally;
    }
}
