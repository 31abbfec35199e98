package dev.errand.sequence.rule;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Why a call breaks a rule.
 *
 * @param grade for which outcomes of other calls it breaks the rule
 * @param detail one sentence
 * @param trace the shortest sequence of operations that shows the breach
 * @param unknown the decisions of the calls whose unknown outcome decides, at most {@link #MOST_UNKNOWN}; empty for
 *     another grade than {@link Grade#UNKNOWN}
 */
public record Breach(Grade grade, String detail, List<String> trace, List<String> unknown) {
    /** The end of a sentence about a call that is in flight. */
    public static final String UNANSWERED = "; that call is still unanswered: ask again once it is answered";

    /** The most decisions that one objection names. */
    public static final int MOST_UNKNOWN = 16;

    private static final int MOST_SHOWN = 3;

    public Breach {
        trace = List.copyOf(trace);
        unknown = List.copyOf(unknown);
    }

    /** For which outcomes of other calls a call breaks a rule; each is graver than those before it. */
    public enum Grade {
        /** Only for some outcomes of the calls in flight, or the rule is full. It does not interrupt the task. */
        WAITS,
        /** Only for some outcomes of calls whose outcome is unknown. It does not interrupt the task. */
        UNKNOWN,
        /** For all outcomes. */
        DEFINITE
    }

    /** A breach that depends on no unknown outcome. */
    public Breach(boolean waits, String detail, List<String> trace) {
        this(waits ? Grade.WAITS : Grade.DEFINITE, detail, trace, List.of());
    }

    /**
     * A breach that depends on calls whose outcome is unknown.
     *
     * @param decisions of these calls
     * @param wanted what the rule requires, a sentence without its end
     */
    public static Breach unknown(List<String> decisions, String wanted, List<String> trace) {
        List<String> told = decisions.stream().distinct().limit(MOST_UNKNOWN).toList();
        return new Breach(Grade.UNKNOWN, wanted + unsettled(told), trace, told);
    }

    /** The end of a sentence that says which outcomes are unknown. */
    public static String unsettled(List<String> decisions) {
        int shown = Math.min(decisions.size(), MOST_SHOWN);
        return "; the outcome of `" + String.join("`, `", decisions.subList(0, shown)) + "`"
                + (shown == decisions.size() ? "" : " and " + (decisions.size() - shown) + " more")
                + " is unknown: an operator who knows it can say so";
    }

    /** The graver of two; the first if they are alike. Of two unknown ones, all decisions. */
    public static @Nullable Breach graver(@Nullable Breach first, @Nullable Breach next) {
        if (first == null || next == null) {
            return first == null ? next : first;
        }
        if (first.grade == Grade.UNKNOWN && next.grade == Grade.UNKNOWN) {
            List<String> both = Stream.concat(first.unknown.stream(), next.unknown.stream())
                    .distinct()
                    .limit(MOST_UNKNOWN)
                    .toList();
            return new Breach(Grade.UNKNOWN, first.detail, first.trace, both);
        }
        return next.grade.compareTo(first.grade) > 0 ? next : first;
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

    /** What the rule requires, of which calls together, and where it was written: a sentence without its end. */
    static String wanted(Rule rule) {
        return rule.wanted() + same(rule) + " (rule at " + rule.position() + ")";
    }

    /** Which calls a rule counts together, as words after a verb; empty if it counts all. */
    public static String same(Rule rule) {
        return rule.same().isEmpty() ? "" : " with the same " + String.join(" and ", rule.same());
    }
}
