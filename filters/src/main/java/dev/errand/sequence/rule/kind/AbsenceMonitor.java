package dev.errand.sequence.rule;

import dev.errand.sequence.binding.Place;
import dev.errand.sequence.binding.Value;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The compiled {@link Absence}: no {@code operation} once {@code after} was sent. */
record AbsenceMonitor(Absence rule, OperationKey operation, OperationKey after) implements RuleMonitor {
    @Override
    public boolean concerns(int symbol) {
        return symbol == operation.symbol() || symbol == after.symbol();
    }

    /** Once one happened, that more of them are sent says nothing new. */
    @Override
    public boolean countsSent(Tally tally, Place place) {
        return place.symbol() == after.symbol() && !tally.isForEver(after.value(place));
    }

    @Override
    public boolean awaits(Tally tally, Place place) {
        return false;
    }

    @Override
    public @Nullable Breach check(Tally tally, Place place, Predicate<Predicate<Place>> inFlight, long nowMillis) {
        if (place.symbol() == operation.symbol() && tally.has(operation.value(place))) {
            return new Breach(
                    false,
                    "`" + rule.operation() + "` may not be called once `" + rule.after() + "` was called"
                            + Breach.scope(rule),
                    List.of(rule.after(), rule.operation()));
        }
        return place.symbol() == after.symbol() ? Breach.full(rule, tally, after.value(place)) : null;
    }

    @Override
    public Tally sent(Tally tally, Place place, long nowMillis) {
        return countsSent(tally, place) ? tally.plus(after.value(place), 1) : tally;
    }

    @Override
    public Tally giveBack(Tally tally, Place place, long sentMillis) {
        return countsSent(tally, place) ? tally.plus(after.value(place), -1) : tally;
    }

    @Override
    public Tally happened(Tally tally, Place place) {
        Value value = after.value(place);
        return countsSent(tally, place) && tally.has(value) ? tally.with(value) : tally;
    }
}
