package dev.errand.sequence;

import dev.errand.sequence.binding.Place;
import java.util.List;

/**
 * One permitted call that is not yet part of the plan's settled state.
 *
 * @param decision 64 bits of a hash of its decision id
 * @param sentMillis when it was permitted, epoch milliseconds
 * @param outcome the outcome of the call
 * @param moves whether its outcome may move the plan
 * @param awaits whether the plan or a rule depends on its outcome
 * @param places its operations, without those that take no place
 */
record InFlight(long decision, long sentMillis, Outcome outcome, boolean moves, boolean awaits, List<Place> places) {
    InFlight {
        places = List.copyOf(places);
    }

    /** The outcome of a call. */
    enum Outcome {
        UNANSWERED,
        HAPPENED,
        /** Such a call is kept only while an earlier one is unanswered and its sending may have counted. */
        FAILED
    }

    InFlight with(Outcome settled) {
        return new InFlight(decision, sentMillis, settled, moves, awaits, places);
    }

    boolean unanswered() {
        return outcome == Outcome.UNANSWERED;
    }

    /** The same call, answered, but with values of the answer still to come. It can no longer move the plan. */
    InFlight asReturning() {
        return new InFlight(decision, sentMillis, Outcome.HAPPENED, false, true, places);
    }

    /** Whether the call is kept only because values of its answer are still to come. */
    boolean returning() {
        return outcome == Outcome.HAPPENED && !moves;
    }
}
