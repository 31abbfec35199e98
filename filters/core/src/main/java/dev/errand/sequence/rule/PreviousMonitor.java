package dev.errand.sequence.rule;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The compiled {@link Previous}. State: the values of {@code operation} in the call that happened last; none if that
 * call had another operation. There are at most as many values as a call has operations. Cost: a look-up for each call
 * that is in flight or unknown. The outcome of every call of the task is awaited, which is one more step for each call.
 */
record PreviousMonitor(Previous rule, OperationKey operation, OperationKey before) implements RuleMonitor {
    @Override
    public boolean concerns(int symbol) {
        return true;
    }

    @Override
    public boolean countsSent(Tally tally, Place place) {
        return false;
    }

    @Override
    public boolean awaits(Tally tally, Place place) {
        return true;
    }

    @Override
    public @Nullable Breach check(Tally tally, Pair pair, Surroundings task) {
        return check(tally, List.of(pair), task);
    }

    /**
     * Checks all pairs together: each of them must follow the same last call, whichever of the calls in flight that
     * will be.
     */
    @Override
    public @Nullable Breach check(Tally tally, List<Pair> call, Surroundings task) {
        Set<Value> wanted = new HashSet<>();
        for (Pair pair : call) {
            if (before.is(pair.place())) {
                if (!before.isComplete(pair.place())) {
                    return breach(false);
                }
                wanted.add(before.value(pair.place()));
            }
        }
        if (wanted.isEmpty()) {
            return null;
        }
        boolean fits = tally.counts().keySet().containsAll(wanted);
        List<String> unknown = new ArrayList<>(0);
        boolean everyFits = fits;
        boolean someFit = fits;
        for (Surroundings.Unknown other : task.unknown()) {
            if (!other.overtaken()) {
                boolean last = fits(other.places(), wanted);
                unknown.add(other.decision());
                everyFits &= last;
                someFit |= last;
            }
        }
        // An unanswered call that happens is the last, whatever came before it. If none happens, all stays as it is.
        boolean waits = everyFits;
        boolean none = everyFits;
        for (List<Place> other : task.unanswered()) {
            boolean last = fits(other, wanted);
            none &= last;
            waits |= last;
        }
        if (none) {
            return null;
        }
        return waits || !someFit ? breach(waits) : Breach.unknown(unknown, Breach.wanted(rule), List.of(rule.before()));
    }

    private boolean fits(List<Place> last, Set<Value> wanted) {
        return happened(Tally.EMPTY, last, 0).counts().keySet().containsAll(wanted);
    }

    @Override
    public boolean minds(Tally tally, Place place, Surroundings.Unknown call, long nowMillis) {
        return !call.overtaken();
    }

    private Breach breach(boolean waits) {
        return new Breach(
                waits,
                waits
                        ? Breach.wanted(rule) + "; a call is still unanswered: ask again once it is answered"
                        : Breach.wanted(rule),
                List.of(rule.before()));
    }

    /** Another call happened later, so that one is the last. */
    @Override
    public Tally happenedBefore(Tally tally, List<Place> call, long atMillis) {
        return tally;
    }

    @Override
    public Tally happened(Tally tally, List<Place> call, long atMillis) {
        Tally last = call.size() == 1 ? Tally.EMPTY : Tally.EMPTY.working();
        for (Place place : call) {
            if (operation.is(place) && operation.isComplete(place)) {
                last = last.with(operation.value(place));
            }
        }
        return last.counts().keySet().equals(tally.counts().keySet()) ? tally : last.done();
    }
}
