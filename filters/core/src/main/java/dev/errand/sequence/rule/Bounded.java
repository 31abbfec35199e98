package dev.errand.sequence.rule;

import static dev.errand.config.Keys.required;
import static dev.errand.config.Shape.whole;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code operation} may be sent at most {@code atMost} times. State: for each value a number or, with a window, the
 * times.
 *
 * @param atMost 1 or more; with a window at most {@link Tally#MAX_ENTRIES}
 */
record Bounded(String operation, long atMost, TimeWindow within, List<String> same, boolean observe, Position position)
        implements Rule {
    private static final long MAX_COUNT = 1L << 53;

    /** The kind {@code bounded}. */
    static final RuleKind KIND = new RuleKind(
            RuleKeys.of(
                    required("bounded", RuleKeys.OPERATION, "The operation whose sent calls are counted."),
                    required(
                            "at-most", whole(1, MAX_COUNT), "How often it may be called; with `within` at most 4,096."),
                    TimeWindow.key("In any period of this length; in the whole task if left out.")),
            Bounded::read);

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
        return new Bounded(operation, atMost, TimeWindow.TASK, same, observe, position);
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
        return new Monitor(this, OperationKey.of(operation, same, vocabulary));
    }

    /** The operation {@code atMost} times and once more, at most 64 of them written out. */
    static List<String> trace(String operation, long atMost) {
        int shown = (int) Math.min(atMost + 1, 64);
        List<String> trace = new ArrayList<>(Collections.nCopies(shown, operation));
        if (shown <= atMost) {
            trace.set(shown - 2, "… " + (atMost + 2 - shown) + " more");
        }
        return trace;
    }

    private static @Nullable Rule read(YamlMap map, RuleKind.Common common, Faults faults) {
        int before = faults.count();
        String operation = map.requiredString("bounded", faults);
        YamlNode atMost = map.required("at-most", faults);
        TimeWindow within = TimeWindow.read(map, faults);
        Long most = atMost == null ? null : atMost.integer(1, within.isTask() ? MAX_COUNT : Tally.MAX_ENTRIES, faults);
        return operation == null || most == null || faults.count() > before
                ? null
                : new Bounded(operation, most, within, common.same(), common.observe(), common.position());
    }

    /**
     * The compiled {@link Bounded}: {@code operation} at most {@code atMost} times, in the task or in any window. State:
     * for each value a number or, with a window, its newest times. Cost: a look-up, and a copy of the value's times.
     */
    private record Monitor(Bounded rule, OperationKey operation) implements RuleMonitor {
        /** How many times above the bound a window keeps, of calls that humans let pass. */
        private static final int ABOVE = 256;

        @Override
        public boolean concerns(int symbol) {
            return symbol == operation.symbol();
        }

        @Override
        public boolean countsSent(Tally tally, Place place) {
            return operation.is(place);
        }

        @Override
        public @Nullable Breach check(Tally tally, Pair pair, RuleContext task) {
            Place place = pair.place();
            if (!operation.is(place)) {
                return null;
            }
            Value value = operation.value(place);
            long[] count = tally.of(value);
            TimeWindow within = rule.within();
            if (within.isTask()) {
                return count.length > 0 && count[0] >= rule.atMost()
                        ? new Breach(false, Breach.wanted(rule), trace(rule.operation(), rule.atMost()))
                        : Breach.full(rule, tally, value);
            }
            int atMost = (int) rule.atMost();
            if (count.length >= atMost && within.counts(count[count.length - atMost], task.nowMillis())) {
                return new Breach(
                        false,
                        Breach.wanted(rule) + "; the next is possible in "
                                + within.left(count[count.length - atMost], task.nowMillis()),
                        trace(rule.operation(), rule.atMost()));
            }
            Tally current = within.roomy(tally, task.nowMillis());
            return current.times() >= Tally.MAX_ENTRIES && !rule.same().isEmpty()
                    ? Breach.full(rule)
                    : Breach.full(rule, current, value);
        }

        @Override
        public long counted(Tally tally, Pair pair, RuleContext task) {
            Value value = operation.value(pair.place());
            TimeWindow within = rule.within();
            Tally current = within.roomy(tally, task.nowMillis());
            long[] count = current.of(value);
            boolean room = current.has(value) || current.counts().size() < Tally.MAX_ENTRIES;
            if (within.isTask()) {
                return count.length > 0 ? count[0] : room ? 0 : Counts.FULL;
            }
            int recent = within.recent(count, task.nowMillis()).length;
            boolean counts = room && current.times() < Tally.MAX_ENTRIES && recent < rule.atMost() + ABOVE;
            return counts ? recent : Counts.FULL;
        }

        @Override
        public Tally sent(Tally tally, Place place, RuleContext task) {
            if (!operation.is(place)) {
                return tally;
            }
            Value value = operation.value(place);
            if (rule.within().isTask()) {
                return tally.plus(value, 1);
            }
            Tally current = rule.within().roomy(tally, task.nowMillis());
            long[] recent = rule.within().recent(current.of(value), task.nowMillis());
            // More calls come if the rule is just observed; then the newest `at-most` times suffice.
            // Or humans approve more calls; then the count must rise by each.
            int kept = (int) Math.min(recent.length, rule.atMost() - 1 + (rule.observe() ? 0 : ABOVE));
            long[] next = Arrays.copyOfRange(recent, recent.length - kept, recent.length + 1);
            next[kept] = task.nowMillis();
            int times = current.times() - current.of(value).length + next.length;
            return times > Tally.MAX_ENTRIES ? current : current.with(value, next);
        }

        @Override
        public Tally giveBack(Tally tally, Place place, long sentMillis) {
            if (!operation.is(place)) {
                return tally;
            }
            Value value = operation.value(place);
            return rule.within().isTask() ? tally.plus(value, -1) : tally.minusTime(value, sentMillis);
        }
    }
}
