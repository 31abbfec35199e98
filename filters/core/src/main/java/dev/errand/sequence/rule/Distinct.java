package dev.errand.sequence.rule;

import static dev.errand.config.Keys.required;
import static dev.errand.config.Shape.text;
import static dev.errand.config.Shape.whole;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code operation} may be sent with at most {@code atMost} different values of an argument. State: each of these
 * values with a number or, with a window, with its time.
 *
 * @param of the name of the argument
 * @param atMost 1 to {@link Tally#MAX_ENTRIES}
 */
record Distinct(
        String operation, String of, int atMost, Within within, List<String> same, boolean observe, Position position)
        implements Rule {
    /** The kind {@code distinct}. */
    static final RuleKind KIND = new Kind();

    public Distinct {
        same = List.copyOf(same);
    }

    @Override
    public List<String> operations() {
        return List.of(operation);
    }

    @Override
    public Rule untimed() {
        return new Distinct(operation, of, atMost, Within.TASK, same, observe, position);
    }

    @Override
    public RuleTerms terms() {
        return RuleTerms.of("distinct").within(within).counting(atMost, of);
    }

    @Override
    public String label() {
        return "distinct: " + operation + ", of: " + of + ", at-most: " + atMost + within.label();
    }

    @Override
    public Collection<Slot> looksAt(String operationId) {
        Collection<Slot> slots = new ArrayList<>(Rule.super.looksAt(operationId));
        slots.add(Slot.value(of));
        return slots;
    }

    @Override
    public int maxEntries() {
        return same.isEmpty() ? atMost : Rule.super.maxEntries();
    }

    @Override
    public String wanted() {
        return "`" + operation + "` may be called with at most " + atMost + " different values of `" + of + "`"
                + within.words();
    }

    @Override
    public RuleMonitor monitor(Vocabulary vocabulary) {
        OperationKey key = OperationKey.of(operation, same, vocabulary);
        return new DistinctMonitor(this, key, vocabulary.slot(key.symbol(), of));
    }

    /** The kind of this rule. */
    private static final class Kind implements RuleKind {
        private static final Keys KEYS = RuleKeys.of(
                required(
                        "distinct", RuleKeys.OPERATION, "The operation whose argument is counted over its sent calls."),
                required("of", text(), "The argument, such as resource. A call without it is refused."),
                required("at-most", whole(1, Tally.MAX_ENTRIES), "How many different values there may be."),
                Within.key("In any time of this length; in the whole task if left out."));

        @Override
        public Keys keys() {
            return KEYS;
        }

        @Override
        public @Nullable Rule read(YamlMap map, Common common, Faults faults) {
            int before = faults.count();
            String operation = map.requiredString("distinct", faults);
            String of = map.requiredString("of", faults);
            YamlNode atMost = map.required("at-most", faults);
            Long most = atMost == null ? null : atMost.integer(1, Tally.MAX_ENTRIES, faults);
            Within within = Within.read(map, faults);
            return operation == null || of == null || most == null || faults.count() > before
                    ? null
                    : new Distinct(
                            operation, of, most.intValue(), within, common.same(), common.observe(), common.position());
        }
    }
}
