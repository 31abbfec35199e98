package dev.errand.sequence.rule;

import dev.errand.sequence.binding.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a call breaks a rule.
 *
 * @param waits whether it breaks the rule only for some outcomes of the calls in flight, or because the rule is full;
 *     such a breach does not interrupt the task
 * @param detail one sentence
 * @param trace the shortest sequence of operations that shows the breach
 */
public record Breach(boolean waits, String detail, List<String> trace) {
    /** The end of a sentence about a call that is in flight. */
    public static final String UNANSWERED = "; that call is still unanswered: ask again once it is answered";

    public Breach {
        trace = List.copyOf(trace);
    }

    /** The objection to a call with a new value if the rule can keep no more values; null if it can. */
    public static @Nullable Breach full(Rule rule, Tally tally, Value value) {
        return tally.has(value) || tally.counts().size() < Tally.MAX_ENTRIES ? null : full(rule);
    }

    /** The objection to a call that a rule has no room to count. */
    public static Breach full(Rule rule) {
        return new Breach(
                true,
                "the rule at " + rule.position() + " keeps no more than " + Tally.MAX_ENTRIES
                        + (rule.same().isEmpty() ? " calls apart" : " values of " + rule.same() + " apart")
                        + ", and this call has one more",
                List.of(rule.operations().get(0)));
    }

    /** The end of a sentence about a rule: which calls it counts together, and where it was written. */
    public static String scope(Rule rule) {
        return same(rule) + " (rule at " + rule.position() + ")";
    }

    /** Which calls a rule counts together, as words after a verb; empty if it counts all. */
    public static String same(Rule rule) {
        return rule.same().isEmpty() ? "" : " with the same " + String.join(" and ", rule.same());
    }
}
