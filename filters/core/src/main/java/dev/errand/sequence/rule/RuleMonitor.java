package dev.errand.sequence.rule;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One rule, compiled. Pure and thread-safe; its counts are a {@link Tally}. An argument that a call lacks is a value of
 * its own. {@code precedence} and {@code previous} are never satisfied for such a call.
 */
public interface RuleMonitor {
    /** The count of a rule that counts nothing. */
    long NOTHING = -1;

    /** The rule as the template says it. */
    Rule rule();

    /** Whether the rule looks at calls of the operation. */
    boolean concerns(int symbol);

    /** Whether sending a call changes the counts, so that giving the call back must change them again. */
    default boolean countsSent(Tally tally, Place place) {
        return false;
    }

    /** Whether the outcome of a call changes the counts, or the rule's answer for other calls. */
    default boolean awaits(Tally tally, Place place) {
        return false;
    }

    @Nullable Breach check(Tally tally, Pair pair, RuleContext task);

    /**
     * Whether a call breaks the rule. Unless a kind says otherwise, its operations are judged one after another. Each
     * is judged as if the operations before it were sent.
     *
     * @param call the operations that the rule looks at; at least one
     */
    default @Nullable Breach check(Tally tally, List<Pair> call, RuleContext task) {
        Breach gravest = null;
        Tally at = tally.working();
        for (int i = 0; i < call.size(); i++) {
            Pair pair = call.get(i);
            gravest = Breach.graver(gravest, check(at, pair, task));
            if (gravest != null && gravest.grade() == Breach.Grade.DEFINITE) {
                return gravest;
            }
            if (i + 1 < call.size() && !pair.dryRun()) {
                at = sent(at, pair.place(), task);
            }
        }
        return gravest;
    }

    /**
     * How much the rule has counted so far of what bears on the operation: calls, a sum, or different values.
     *
     * @return 0 or more; {@link #NOTHING} for a rule that counts nothing, {@link Counts#FULL} if the rule has no room to
     *     count the operation if it is sent
     */
    default long counted(Tally tally, Pair pair, RuleContext task) {
        return NOTHING;
    }

    /** What {@link #counted(Tally, Pair, RuleContext)} says for each operation of a call. */
    default List<Long> counted(Tally tally, List<Pair> call, RuleContext task) {
        Tally at = call.size() == 1 ? tally : tally.working();
        List<Long> each = new ArrayList<>(call.size());
        for (Pair pair : call) {
            each.add(counted(at, pair, task));
        }
        return each;
    }

    /** The place of an operation that is sent, with the values that are needed to give it back. */
    default Place noted(Tally tally, Place place, RuleContext task) {
        return place;
    }

    /**
     * As {@link #noted}, for an operation that people let pass although the unknown outcome of another call decides.
     * It notes what the operation owes if it finds nothing to use up.
     */
    default Place owing(Tally tally, Place place, RuleContext task) {
        return noted(tally, place, task);
    }

    /** The operation, with its notes, is sent. */
    default Tally sent(Tally tally, Place place, RuleContext task) {
        return tally;
    }

    /** Gives back an operation that counted as sent at that time, epoch milliseconds. */
    default Tally giveBack(Tally tally, Place place, long sentMillis) {
        return tally;
    }

    /** A call happened at that time, epoch milliseconds: its upstream answered below 400. */
    default Tally happened(Tally tally, List<Place> call, long atMillis) {
        Tally after = call.size() == 1 ? tally : tally.working();
        for (Place place : call) {
            after = concerns(place.symbol()) ? happened(after, place, atMillis) : after;
        }
        return after.done();
    }

    /** The operation happened. */
    default Tally happened(Tally tally, Place place, long atMillis) {
        return tally;
    }

    /** A call turned out to have happened at that time, epoch milliseconds; other calls have happened since. */
    default Tally happenedBefore(Tally tally, List<Place> call, long atMillis) {
        return happened(tally, call, atMillis);
    }

    /** The operation failed at that time, epoch milliseconds: it was answered by 400 or more or, if it only reads, never. */
    default Tally failed(Tally tally, Place place, long atMillis) {
        return tally;
    }

    /**
     * Whether the rule's answer still depends on an operation of a call whose outcome is unknown.
     *
     * @param nowMillis epoch milliseconds
     */
    default boolean minds(Tally tally, Place place, RuleContext.Unknown call, long nowMillis) {
        return awaits(tally, place);
    }
}
