package dev.errand.sequence.rule;

import dev.errand.sequence.binding.Place;
import dev.errand.sequence.binding.Value;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The compiled {@link Precedence}: {@code before} only once {@code operation} happened. */
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
        return place.symbol() == operation.symbol()
                && operation.isComplete(place)
                && !tally.has(operation.value(place));
    }

    @Override
    public @Nullable Breach check(Tally tally, Place place, Predicate<Predicate<Place>> inFlight, long nowMillis) {
        if (place.symbol() == before.symbol() && !(before.isComplete(place) && tally.has(before.value(place)))) {
            Value value = before.value(place);
            boolean waits = before.isComplete(place)
                    && inFlight.test(other -> other.symbol() == operation.symbol()
                            && operation.value(other).equals(value));
            String wanted = "`" + rule.before() + "` may be called only once `" + rule.operation() + "` succeeded"
                    + Breach.scope(rule);
            return new Breach(
                    waits,
                    waits ? wanted + "; that call is still unanswered: ask again once it is answered" : wanted,
                    List.of(rule.before()));
        }
        return awaits(tally, place) ? Breach.full(rule, tally, operation.value(place)) : null;
    }

    @Override
    public Tally happened(Tally tally, Place place) {
        return awaits(tally, place) && tally.counts().size() < Tally.MAX_VALUES
                ? tally.with(operation.value(place))
                : tally;
    }
}
