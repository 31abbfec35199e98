package dev.errand.sequence.rule;

import dev.errand.sequence.binding.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A rule's objection to a call.
 *
 * @param waits whether it may fit later, when calls in flight are answered or the rule has room: never a reason to
 *     interrupt
 * @param detail one sentence
 * @param trace the shortest sequence of operations that shows it
 */
public record Breach(boolean waits, String detail, List<String> trace) {
    public Breach {
        trace = List.copyOf(trace);
    }

    /** The objection to a call with one more value than a rule keeps apart; null if the rule has room for the value. */
    static @Nullable Breach full(Rule rule, Tally tally, Value value) {
        return tally.has(value) || tally.counts().size() < Tally.MAX_VALUES
                ? null
                : new Breach(
                        true,
                        "the rule at " + rule.position() + " keeps no more than " + Tally.MAX_VALUES + " values of "
                                + rule.same() + " apart, and this call has one more",
                        List.of(rule.operations().get(0)));
    }

    /** The end of a sentence about a rule: which calls it counts together, and where it was written. */
    static String scope(Rule rule) {
        return same(rule) + " (rule at " + rule.position() + ")";
    }

    /** Which calls a rule counts together, behind a verb; empty if it counts all. */
    static String same(Rule rule) {
        return rule.same().isEmpty() ? "" : " with the same " + String.join(" and ", rule.same());
    }
}
