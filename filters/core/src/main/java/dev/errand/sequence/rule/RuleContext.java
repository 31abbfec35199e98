package dev.errand.sequence.rule;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.function.Predicate;

/**
 * The facts of a task that a rule sees besides its own counts: the time, the calls in flight and the values that
 * answers returned. It is used while one call is judged. Not thread-safe.
 */
public interface RuleContext {
    /** The store's time, epoch milliseconds. */
    long nowMillis();

    /** The calls that are unanswered, each by its operations; the oldest first. */
    List<List<Place>> unanswered();

    /** The calls whose outcome is unknown; the oldest permit first. */
    List<Unknown> unknown();

    /**
     * A call whose outcome is unknown.
     *
     * @param decision its decision id
     * @param places its operations
     * @param sinceMillis since when it is unknown, epoch milliseconds: if it happened or failed, then at this time
     * @param overtaken whether another call happened since
     */
    record Unknown(String decision, List<Place> places, long sinceMillis, boolean overtaken) {
        public Unknown {
            places = List.copyOf(places);
        }
    }

    /** How many operations of unanswered calls the key counts with that value. */
    int unanswered(OperationKey key, Value value);

    /** The calls whose outcome is unknown, and whose operations the key counts under that value. */
    List<Unknown> unknown(OperationKey key, Value value);

    /**
     * The decisions of these calls.
     *
     * @param counts whether an outcome at that time, epoch milliseconds, still counts
     */
    default List<String> unknown(OperationKey key, Value value, LongPredicate counts) {
        List<Unknown> all = unknown(key, value);
        return all.isEmpty()
                ? List.of()
                : all.stream()
                        .filter(call -> counts.test(call.sinceMillis()))
                        .map(Unknown::decision)
                        .toList();
    }

    /** The calls that may still turn out to have happened, each by its operations: the unanswered and the unknown ones. */
    default List<List<Place>> open() {
        List<Unknown> unknown = unknown();
        if (unknown.isEmpty()) {
            return unanswered();
        }
        List<List<Place>> open = new ArrayList<>(unanswered());
        unknown.forEach(call -> open.add(call.places()));
        return open;
    }

    /** Whether values may still come from an answer to a matching operation: the answer is awaited, or is arriving. */
    boolean isAnswering(Predicate<Place> test);

    /** Whether a call that was sent at that time, epoch milliseconds, may still be given back. */
    boolean mayBeGivenBack(long sentMillis);

    AnswerValues answers();

    /** What the last answers said. */
    KeptAnswers kept();
}
