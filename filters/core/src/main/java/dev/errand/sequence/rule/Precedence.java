package dev.errand.sequence.rule;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Keys.required;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Position;
import dev.errand.config.Shape;
import dev.errand.config.YamlMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code before} may be sent only after {@code operation} happened; with {@code once}, one call for each time that it
 * happened. State for each value that happened: nothing; with a window, the time; with {@code once}, the times or their
 * number.
 */
record Precedence(
        String operation,
        String before,
        Within within,
        boolean once,
        List<String> same,
        boolean observe,
        Position position)
        implements Rule {
    /** The kind {@code precedence}. */
    static final RuleKind KIND = new Kind();

    public Precedence {
        same = List.copyOf(same);
    }

    @Override
    public List<String> operations() {
        return List.of(operation, before);
    }

    @Override
    public Rule untimed() {
        return new Precedence(operation, before, Within.TASK, once, same, observe, position);
    }

    @Override
    public RuleTerms terms() {
        return new RuleTerms("precedence", within.millis(), Long.MAX_VALUE, null, "", once);
    }

    @Override
    public String label() {
        return "precedence: " + operation + ", before: " + before + within.label() + (once ? ", once" : "");
    }

    @Override
    public Collection<Slot> looksAt(String of) {
        Collection<Slot> slots = new ArrayList<>(Rule.super.looksAt(of));
        if (once && of.equals(before)) {
            slots.add(spent());
        }
        return slots;
    }

    /** The slot in which a call of {@code before} notes the occurrence that it used. */
    private Slot spent() {
        return new Slot(Slot.Kind.NOTE, label() + same);
    }

    @Override
    public int maxEntries() {
        return once && !within.isTask() ? Tally.MAX_ENTRIES : Rule.super.maxEntries();
    }

    @Override
    public RuleMonitor monitor(Vocabulary vocabulary) {
        OperationKey first = OperationKey.of(operation, same, vocabulary);
        OperationKey second = OperationKey.of(before, same, vocabulary);
        return once
                ? new OnceMonitor(this, first, second, vocabulary.slot(second.symbol(), spent()))
                : new PrecedenceMonitor(this, first, second);
    }

    @Override
    public String wanted() {
        return "`" + before + "` may be called only " + (once ? "once for each time that" : "once") + " `" + operation
                + "` succeeded" + within.words();
    }

    /** The kind of this rule. */
    private static final class Kind implements RuleKind {
        private static final Keys KEYS = RuleKeys.of(
                required("precedence", RuleKeys.OPERATION, "The operation that must have happened."),
                required("before", RuleKeys.OPERATION, "The operation that may be called only after it."),
                Within.key("Within how long a time before; at any time in the task if left out."),
                optional("once", Shape.Simple.FLAG, "Each time that the first operation happened lets one call pass.")
                        .or("false"));

        @Override
        public Keys keys() {
            return KEYS;
        }

        @Override
        public @Nullable Rule read(YamlMap map, Common common, Faults faults) {
            int faulty = faults.count();
            String operation = map.requiredString("precedence", faults);
            String before = map.requiredString("before", faults);
            Within within = Within.read(map, faults);
            boolean once = map.bool("once", false, faults);
            if (operation != null && operation.equals(before)) {
                faults.add(map.at("before"), "`" + before + "` cannot come before itself: no call could be the first");
            }
            return operation == null || before == null || faults.count() > faulty
                    ? null
                    : new Precedence(
                            operation, before, within, once, common.same(), common.observe(), common.position());
        }
    }
}
