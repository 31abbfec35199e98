package dev.errand.sequence.rule;

import org.jspecify.annotations.Nullable;

/**
 * What a rule says besides its operations, for those who compare rules or reason about them. Immutable.
 *
 * @param kind the name of its kind; empty for a kind about which nothing is known
 * @param windowMillis the length of its window; {@link Long#MAX_VALUE} for the whole task
 * @param atMost its bound; {@link Long#MAX_VALUE} without one
 * @param of the argument that it adds up or counts; null if there is none
 * @param when the event of {@code absence}; empty for other kinds
 * @param once whether each occurrence lets one call pass
 */
public record RuleTerms(
        String kind,
        long windowMillis,
        long atMost,
        @Nullable String of,
        String when,
        boolean once) {
    /** The kind of rules over what the last answer said. */
    public static final String ANSWERED = "answered";

    /** Of a kind about which nothing is known. */
    public static final RuleTerms UNKNOWN = of("");

    /** Whether the rule cannot be held to without the answers of calls; so for a kind about which nothing is known. */
    public boolean needsAnswers() {
        return once
                || switch (kind) {
                    case "bounded", "sum", "distinct" -> false;
                    case "absence" -> !when.equals("sent");
                    default -> true;
                };
    }

    static RuleTerms of(String kind) {
        return new RuleTerms(kind, Long.MAX_VALUE, Long.MAX_VALUE, null, "", false);
    }

    RuleTerms within(TimeWindow within) {
        return new RuleTerms(kind, within.millis(), atMost, of, when, once);
    }

    RuleTerms counting(long most, @Nullable String argument) {
        return new RuleTerms(kind, windowMillis, most, argument, when, once);
    }

    /** Whether its window is shorter than that time. */
    public boolean isWindowed(long millis) {
        return windowMillis < millis;
    }
}
