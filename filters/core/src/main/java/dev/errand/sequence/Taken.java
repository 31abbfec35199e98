package dev.errand.sequence;

import dev.errand.sequence.rule.Place;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call that is permitted, with its places taken.
 *
 * @param next the state with the places taken
 * @param fits false if there is no room for one more awaited call
 * @param awaited what must be told of the call
 */
record Taken(SequencePosition next, boolean fits, Awaited awaited) {
    /**
     * Takes the places of a call.
     *
     * @param moves all operations of the call
     * @param count the rules' counts with this call
     * @param inPlan whether the plan permits the call, for some unknown outcomes at least; else it does not move the plan
     */
    static Taken of(
            SequencePosition position,
            @Nullable Plan plan,
            List<Move> moves,
            RuleCount count,
            boolean inPlan,
            String decision,
            long nowMillis) {
        List<Place> places = count.places();
        boolean movesPlan = inPlan && plan != null && plan.isMovedBy(position, places);
        boolean awaits = movesPlan || count.awaits();
        if (!awaits && !count.returnable()) {
            return new Taken(position.withTallies(count.tallies()), true, Awaited.NOTHING);
        }
        boolean maySend = movesPlan && plan != null && plan.maySend(places);
        InFlight call = InFlight.permitted(decision, nowMillis, moves, movesPlan, awaits, maySend, places);
        SequencePosition room = awaits ? position : position.withoutOldest(places.size());
        return new Taken(
                room.withTallies(count.tallies()).and(call, plan),
                !awaits || !position.isFull(places.size()),
                maySend && plan != null
                        ? plan.awaited(position, places, call.sent())
                        : awaits ? Awaited.OUTCOME : Awaited.NOTHING);
    }
}
