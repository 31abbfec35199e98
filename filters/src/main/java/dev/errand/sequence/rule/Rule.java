package dev.errand.sequence.rule;

import dev.errand.config.Position;
import dev.errand.sequence.binding.Slot;
import dev.errand.sequence.binding.Vocabulary;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One rule as the template says it, with the place that it was written at. Immutable; each {@link RuleKind} has a record. */
public interface Rule {
    /** The most bytes of one entry of what a rule has counted. */
    int ENTRY_BYTES = 24;

    /** Names of the arguments whose values the rule distinguishes; empty if it looks only at operations. */
    List<String> same();

    /** Whether it is only reported and counted, never refuses. */
    boolean observe();

    /** Where it was written. */
    Position position();

    /** The operations that it names. */
    List<String> operations();

    /** The rule in a few words, which the digest of a policy covers. */
    String label();

    /** What it looks at in calls of one of its operations. */
    default Collection<Slot> looksAt(String operation) {
        return same().stream().map(Slot::value).toList();
    }

    /** Whether it looks at calls of every operation, be it named or not. */
    default boolean looksAtAll() {
        return false;
    }

    /** The names of the values in the operation's answers that it looks at. */
    default Set<String> returns(String operation) {
        return Set.of();
    }

    /** The most entries that it keeps of one task. */
    default int maxEntries() {
        return same().isEmpty() ? 1 : Tally.MAX_ENTRIES;
    }

    /** Why a template that is read anew may not have the rule, although a stored revision may; null if it may. */
    default @Nullable String outdated() {
        return null;
    }

    /** The rule compiled for a template with these operations. */
    RuleMonitor monitor(Vocabulary vocabulary);
}
