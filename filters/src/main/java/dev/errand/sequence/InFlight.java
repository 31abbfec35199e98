package dev.errand.sequence;

import dev.errand.sequence.binding.Place;
import java.util.List;

/**
 * One call that was permitted and is not yet part of the plan's state.
 *
 * @param decision 64 bits of a hash of its decision id
 * @param sentMillis when it was permitted
 * @param outcome the outcome of the call
 * @param moves whether its outcome may move the plan
 * @param awaits whether its outcome matters, to the plan or to a rule
 * @param places its operations, without those that take no place
 */
record InFlight(long decision, long sentMillis, Outcome outcome, boolean moves, boolean awaits, List<Place> places) {
    InFlight {
        places = List.copyOf(places);
    }

    /** What became of a call. */
    enum Outcome {
        UNANSWERED,
        HAPPENED,
        /** Kept only while an earlier call is unanswered and sending may have counted. */
        FAILED
    }

    InFlight with(Outcome settled) {
        return new InFlight(decision, sentMillis, settled, moves, awaits, places);
    }

    boolean unanswered() {
        return outcome == Outcome.UNANSWERED;
    }

    /** The same call, answered, with values of the answer still to come. It moves nothing any more. */
    InFlight asReturning() {
        return new InFlight(decision, sentMillis, Outcome.HAPPENED, false, true, places);
    }

    /** Whether it is kept only because values of its answer are still to come. */
    boolean returning() {
        return outcome == Outcome.HAPPENED && !moves;
    }
}
