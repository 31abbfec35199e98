package dev.errand.sequence.rule;

import dev.errand.sequence.binding.AnswerValues;
import dev.errand.sequence.binding.Place;
import java.util.List;
import java.util.function.Predicate;

/**
 * What a rule sees of a task beside what it counted itself: the time, the calls in flight and the values that answers returned.
 * Lives while one call is judged; not thread-safe.
 */
public interface Surroundings {
    /** The store's time, epoch milliseconds. */
    long nowMillis();

    /** The calls that are unanswered, each by its operations; the oldest first. */
    List<List<Place>> unanswered();

    /** Whether an operation of an unanswered call is such a one. */
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

    /** Whether the answer to such an operation may still return values: it is awaited, or on its way. */
    boolean isAnswering(Predicate<Place> test);

    /** Whether a call that was sent at that time, epoch milliseconds, may still be given back. */
    boolean mayBeGivenBack(long sentMillis);

    /** The values that answers returned. */
    AnswerValues answers();
}
