package dev.errand.sequence.rule;

import dev.errand.config.Position;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One rule as the template writes it, with its position in the file. Immutable; each {@link RuleKind} has its own
 * record.
 */
public interface Rule {
    /** The most bytes of one entry in the counts of a rule. */
    int ENTRY_BYTES = 24;

    /** Names of the arguments whose values the rule distinguishes; empty if it looks only at operations. */
    List<String> same();

    /** Whether the rule is only counted and reported, and never refuses. */
    boolean observe();

    /** Where it was written. */
    Position position();

    /** The operations that the rule names. */
    List<String> operations();

    /** The rule in a few words, which the digest of a policy covers. */
    String label();

    /** What the rule requires, for people: one clause without its end, which names no argument of {@link #same}. */
    String wanted();

    /** What the rule says besides its operations. */
    default RuleTerms terms() {
        return RuleTerms.UNKNOWN;
    }

    /** The same rule over the whole task: what it says while no time passes. */
    default Rule untimed() {
        return this;
    }

    /**
     * A rule over calls alone that permits all that this one permits, whatever answers said: null if there is none but
     * this one.
     */
    default @Nullable Rule withoutAnswers() {
        return null;
    }

    /** Whether the rule refuses all that the other refuses; false if that is not known. */
    default boolean implies(Rule other) {
        return false;
    }

    /** The slots that the rule looks at in calls of one of its operations. */
    default Collection<Slot> looksAt(String operation) {
        return same().stream().map(Slot::value).toList();
    }

    /** Whether the rule looks at calls of every operation, named or not. */
    default boolean looksAtAll() {
        return false;
    }

    /** The names of the values in the operation's answers that the rule looks at. */
    default Set<String> returns(String operation) {
        return Set.of();
    }

    /** Whether the last values of answers are kept for the rule ({@link KeptAnswers}), instead of all that came. */
    default boolean keepsAnswers() {
        return false;
    }

    /** The most entries that the rule keeps for one task. */
    default int maxEntries() {
        return same().isEmpty() ? 1 : Tally.MAX_ENTRIES;
    }

    /** The rule compiled for a template with these operations. */
    RuleMonitor monitor(Vocabulary vocabulary);
}
