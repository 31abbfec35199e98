package dev.errand.sequence.rule;

import dev.errand.sequence.binding.Place;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One rule, compiled. Pure; what it has counted is a {@link Tally}. An argument that a call lacks is a value of its own,
 * except that {@code precedence} is never met for it.
 */
public interface RuleMonitor {
    /** The rule as the template says it. */
    Rule rule();

    /** Whether the rule looks at calls of the operation. */
    boolean concerns(int symbol);

    /** Whether sending a call changes what it has counted, so that the call can be given back. */
    boolean countsSent(Tally tally, Place place);

    /** Whether the outcome of a call changes what it has counted. */
    boolean awaits(Tally tally, Place place);

    /**
     * Whether a call breaks the rule.
     *
     * @param inFlight whether a place is in flight that the test holds for
     */
    @Nullable Breach check(Tally tally, Place place, Predicate<Predicate<Place>> inFlight, long nowMillis);

    /** The call is sent. */
    default Tally sent(Tally tally, Place place, long nowMillis) {
        return tally;
    }

    /** A call sent at that time was not sent after all. */
    default Tally giveBack(Tally tally, Place place, long sentMillis) {
        return tally;
    }

    /** The call happened. */
    default Tally happened(Tally tally, Place place) {
        return tally;
    }
}
