package dev.errand.sequence.rule;

import dev.errand.config.Position;
import dev.errand.sequence.binding.Vocabulary;
import java.util.List;

/** One rule as the template says it, with the place that it was written at. Immutable; each {@link RuleKind} has a record. */
public interface Rule {
    /** Names of arguments whose values the rule tells apart; empty if it looks at operations alone. */
    List<String> same();

    /** Whether it is only reported and counted, never refuses. */
    boolean observe();

    /** Where it was written. */
    Position position();

    /** The operations that it names. */
    List<String> operations();

    /** The rule in a few words, which the digest of a policy covers. */
    String label();

    /** The rule compiled for a template with these operations. */
    RuleMonitor monitor(Vocabulary vocabulary);
}
