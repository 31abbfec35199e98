package dev.errand.template;

import dev.errand.config.Faults;
import dev.errand.sequence.CompiledSequence;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.sequence.rule.KeptAnswers;
import dev.errand.sequence.rule.Rule;
import dev.errand.sequence.rule.RuleMonitor;

/**
 * The most state that the rules of a template may keep for one task. Stored revisions, which tasks run under, are not
 * checked.
 */
final class RuleBounds {
    /** The most bytes of all rules of a template together. */
    static final long MAX_BYTES = 1 << 20;

    private static final long ANSWER_BYTES = (long) AnswerValues.MAX * Long.BYTES;

    private RuleBounds() {}

    static void check(SequencePolicy policy, Faults faults) {
        if (!(policy instanceof CompiledSequence sequence)) {
            return;
        }
        long bytes = 0;
        boolean answers = false;
        boolean kept = false;
        for (RuleMonitor monitor : sequence.rules()) {
            Rule rule = monitor.rule();
            long before = bytes;
            bytes += (long) rule.maxEntries() * Rule.ENTRY_BYTES;
            boolean looks =
                    rule.operations().stream().anyMatch(id -> !rule.returns(id).isEmpty());
            if (rule.keepsAnswers() && !kept) {
                kept = true;
                bytes += (long) KeptAnswers.MAX * KeptAnswers.ANSWER_BYTES;
            } else if (looks && !rule.keepsAnswers() && !answers) {
                answers = true;
                bytes += ANSWER_BYTES;
            }
            if (bytes > MAX_BYTES && before <= MAX_BYTES) {
                faults.add(
                        rule.position(),
                        "with this rule the rules of the template could keep more than " + MAX_BYTES
                                + " bytes of one task: a rule with `same` keeps up to "
                                + rule.maxEntries() + " entries; take one out, or write a smaller `at-most`");
            }
        }
    }
}
