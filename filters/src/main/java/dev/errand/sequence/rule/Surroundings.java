package dev.errand.sequence.rule;

import dev.errand.sequence.binding.AnswerValues;
import dev.errand.sequence.binding.Place;
import java.util.List;
import java.util.function.Predicate;

/**
 * The facts of a task that a rule sees besides its own counts: the time, the calls in flight and the values that
 * answers returned. It is used while one call is judged. Not thread-safe.
 */
public interface Surroundings {
    /** The store's time, epoch milliseconds. */
    long nowMillis();

    /** The calls that are unanswered, each by its operations; the oldest first. */
    List<List<Place>> unanswered();

    /** Whether an unanswered call has an operation that matches. */
    default boolean isUnanswered(Predicate<Place> test) {
        for (List<Place> call : unanswered()) {
            for (Place place : call) {
                if (test.test(place)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether values may still come from an answer to a matching operation: the answer is awaited, or is arriving. */
    boolean isAnswering(Predicate<Place> test);

    /** Whether a call that was sent at that time, epoch milliseconds, may still be given back. */
    boolean mayBeGivenBack(long sentMillis);

    /** The values that answers returned. */
    AnswerValues answers();
}
