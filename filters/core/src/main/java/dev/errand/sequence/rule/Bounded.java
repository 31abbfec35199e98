package dev.errand.sequence.rule;

import static dev.errand.config.Keys.required;
import static dev.errand.config.Shape.whole;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code operation} may be sent at most {@code atMost} times. State: for each value a number or, with a window, the
 * times.
 *
 * @param atMost 1 or more; with a window at most {@link Tally#MAX_ENTRIES}
 */
record Bounded(String operation, long atMost, Within within, List<String> same, boolean observe, Position position)
        implements Rule {
    /** The kind {@code bounded}. */
    static final RuleKind KIND = new Kind();

    private static final long MAX_COUNT = 1L << 53;

    public Bounded {
        if (atMost < 1 || (!within.isTask() && atMost > Tally.MAX_ENTRIES)) {
            throw new IllegalArgumentException("at-most must be "
                    + (within.isTask() ? "1 or more" : "1.." + Tally.MAX_ENTRIES) + ", was " + atMost);
        }
        same = List.copyOf(same);
    }

    @Override
    public List<String> operations() {
        return List.of(operation);
    }

    @Override
    public Rule untimed() {
        return new Bounded(operation, atMost, Within.TASK, same, observe, position);
    }

    @Override
    public RuleTerms terms() {
        return RuleTerms.of("bounded").within(within).counting(atMost, null);
    }

    @Override
    public String label() {
        return "bounded: " + operation + ", at-most: " + atMost + within.label();
    }

    @Override
    public int maxEntries() {
        return same.isEmpty() && !within.isTask() ? (int) atMost : Rule.super.maxEntries();
    }

    @Override
    public String wanted() {
        return "`" + operation + "` may be called at most " + atMost + " times" + within.words();
    }

    @Override
    public RuleMonitor monitor(Vocabulary vocabulary) {
        return new BoundedMonitor(this, OperationKey.of(operation, same, vocabulary));
    }

    /** The kind of this rule. */
    private static final class Kind implements RuleKind {
        private static final Keys KEYS = RuleKeys.of(
                required("bounded", RuleKeys.OPERATION, "The operation whose sent calls are counted."),
                required("at-most", whole(1, MAX_COUNT), "How often it may be called; with `within` at most 4,096."),
                Within.key("In any time of this length; in the whole task if left out."));

        @Override
        public Keys keys() {
            return KEYS;
        }

        @Override
        public @Nullable Rule read(YamlMap map, Common common, Faults faults) {
            int before = faults.count();
            String operation = map.requiredString("bounded", faults);
            YamlNode atMost = map.required("at-most", faults);
            Within within = Within.read(map, faults);
            Long most =
                    atMost == null ? null : atMost.integer(1, within.isTask() ? MAX_COUNT : Tally.MAX_ENTRIES, faults);
            return operation == null || most == null || faults.count() > before
                    ? null
                    : new Bounded(operation, most, within, common.same(), common.observe(), common.position());
        }
    }
}
