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
 * The values of an argument, added up over the sent calls of {@code operation}, may come to at most {@code atMost}.
 * State: for each value of {@code same} one number or, with a window, the amounts with their times.
 *
 * @param of the name of the argument, a whole number from 0 to {@link Value#MAX_AMOUNT}
 * @param atMost 1 to {@link Value#MAX_AMOUNT}
 */
record Sum(
        String operation, String of, long atMost, Within within, List<String> same, boolean observe, Position position)
        implements Rule {
    /** The kind {@code sum}. */
    static final RuleKind KIND = new Kind();

    public Sum {
        same = List.copyOf(same);
    }

    @Override
    public List<String> operations() {
        return List.of(operation);
    }

    @Override
    public Rule untimed() {
        return new Sum(operation, of, atMost, Within.TASK, same, observe, position);
    }

    @Override
    public RuleTerms terms() {
        return RuleTerms.of("sum").within(within).counting(atMost, of);
    }

    /** An entry with its time takes more room. */
    @Override
    public int maxEntries() {
        return within.isTask() ? Rule.super.maxEntries() : Tally.MAX_ENTRIES * 3 / 2;
    }

    @Override
    public String label() {
        return "sum: " + operation + ", of: " + of + ", at-most: " + atMost + within.label();
    }

    @Override
    public Collection<Slot> looksAt(String operationId) {
        Collection<Slot> slots = new ArrayList<>(Rule.super.looksAt(operationId));
        slots.add(amount());
        return slots;
    }

    private Slot amount() {
        return new Slot(Slot.Kind.AMOUNT, of);
    }

    @Override
    public String wanted() {
        return "`" + of + "` of all calls of `" + operation + "` may come to at most " + atMost + within.words();
    }

    @Override
    public RuleMonitor monitor(Vocabulary vocabulary) {
        OperationKey key = OperationKey.of(operation, same, vocabulary);
        return new SumMonitor(this, key, vocabulary.slot(key.symbol(), amount()));
    }

    /** The kind of this rule. */
    private static final class Kind implements RuleKind {
        private static final Keys KEYS = RuleKeys.of(
                required("sum", RuleKeys.OPERATION, "The operation whose argument is added up over its sent calls."),
                required("of", text(), "The argument: a whole number, 0 or more. A call without it is refused."),
                required("at-most", whole(1, Value.MAX_AMOUNT), "The largest sum."),
                Within.key("In any time of this length; in the whole task if left out."));

        @Override
        public Keys keys() {
            return KEYS;
        }

        @Override
        public @Nullable Rule read(YamlMap map, Common common, Faults faults) {
            int before = faults.count();
            String operation = map.requiredString("sum", faults);
            String of = map.requiredString("of", faults);
            YamlNode atMost = map.required("at-most", faults);
            Long most = atMost == null ? null : atMost.integer(1, Value.MAX_AMOUNT, faults);
            Within within = Within.read(map, faults);
            return operation == null || of == null || most == null || faults.count() > before
                    ? null
                    : new Sum(operation, of, most, within, common.same(), common.observe(), common.position());
        }
    }
}
