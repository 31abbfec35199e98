package dev.errand.sequence.rule;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The compiled {@link Sum}. State: the sum so far, for each value of {@code same}. Cost: a look-up.
 *
 * @param amount the position of the amount in a place
 */
record SumMonitor(Sum rule, OperationKey operation, int amount) implements RuleMonitor {
    @Override
    public boolean concerns(int symbol) {
        return symbol == operation.symbol();
    }

    @Override
    public boolean countsSent(Tally tally, Place place) {
        return operation.is(place);
    }

    @Override
    public boolean awaits(Tally tally, Place place) {
        return false;
    }

    @Override
    public @Nullable Breach check(Tally tally, Pair pair, Surroundings task) {
        Place place = pair.place();
        if (!operation.is(place)) {
            return null;
        }
        Value given = place.arguments().get(amount);
        if (!given.isNumber()) {
            return new Breach(
                    false,
                    "`" + rule.operation() + "` needs `" + rule.of() + "`, a whole number of 0 to " + Value.MAX_AMOUNT
                            + ", since it is added up (rule at " + rule.position() + ")",
                    List.of(rule.operation()));
        }
        Value value = operation.value(place);
        long before = total(tally, value);
        if (given.low() > rule.atMost() - before) {
            return new Breach(
                    false,
                    Breach.wanted(rule) + "; they come to " + before + ", and this call would add " + given.low(),
                    BoundedMonitor.trace(rule.operation(), before == 0 ? 0 : 1));
        }
        return Breach.full(rule, tally, value);
    }

    private static long total(Tally tally, Value value) {
        long[] total = tally.of(value);
        return total.length == 0 ? 0 : total[0];
    }

    @Override
    public long counted(Tally tally, Pair pair, Surroundings task) {
        Value value = operation.value(pair.place());
        Value given = pair.place().arguments().get(amount);
        long before = total(tally, value);
        boolean room = tally.has(value) || tally.counts().size() < Tally.MAX_ENTRIES;
        return room && (!given.isNumber() || given.low() <= Value.MAX_AMOUNT - before) ? before : Counts.FULL;
    }

    /** The sum grows to at most {@link Value#MAX_AMOUNT}; only an observed rule reaches it. */
    @Override
    public Tally sent(Tally tally, Place place, Surroundings task) {
        if (!operation.is(place) || !place.arguments().get(amount).isNumber()) {
            return tally;
        }
        Value value = operation.value(place);
        long room = Value.MAX_AMOUNT - total(tally, value);
        return tally.plus(value, Math.min(room, place.arguments().get(amount).low()));
    }

    @Override
    public Tally giveBack(Tally tally, Place place, long sentMillis) {
        return operation.is(place) && place.arguments().get(amount).isNumber()
                ? tally.plus(
                        operation.value(place), -place.arguments().get(amount).low())
                : tally;
    }
}
