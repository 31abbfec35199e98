package dev.errand.sequence.rule;

import static dev.errand.config.Keys.required;
import static dev.errand.config.Shape.text;
import static dev.errand.config.Shape.whole;

import dev.errand.config.Faults;
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
        String operation,
        String of,
        long atMost,
        TimeWindow within,
        List<String> same,
        boolean observe,
        Position position)
        implements Rule {
    /** The kind {@code sum}. */
    static final RuleKind KIND = new RuleKind(
            RuleKeys.of(
                    required(
                            "sum", RuleKeys.OPERATION, "The operation whose argument is added up over its sent calls."),
                    required("of", text(), "The argument: a whole number, 0 or more. A call without it is refused."),
                    required("at-most", whole(1, Value.MAX_AMOUNT), "The largest sum."),
                    TimeWindow.key("In any period of this length; in the whole task if left out.")),
            Sum::read);

    public Sum {
        same = List.copyOf(same);
    }

    @Override
    public List<String> operations() {
        return List.of(operation);
    }

    @Override
    public Rule untimed() {
        return new Sum(operation, of, atMost, TimeWindow.TASK, same, observe, position);
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
        return new Monitor(this, key, vocabulary.slot(key.symbol(), amount()));
    }

    private static @Nullable Rule read(YamlMap map, RuleKind.Common common, Faults faults) {
        int before = faults.count();
        String operation = map.requiredString("sum", faults);
        String of = map.requiredString("of", faults);
        YamlNode atMost = map.required("at-most", faults);
        Long most = atMost == null ? null : atMost.integer(1, Value.MAX_AMOUNT, faults);
        TimeWindow within = TimeWindow.read(map, faults);
        return operation == null || of == null || most == null || faults.count() > before
                ? null
                : new Sum(operation, of, most, within, common.same(), common.observe(), common.position());
    }

    /**
     * The compiled {@link Sum}. State, for each value of {@code same}: the sum so far or, with a window of n calls, n sums
     * up to each call and n times, both ascending. Cost: a look-up, and with a window a copy of the value's entries.
     *
     * @param amount the position of the amount in a place
     */
    private record Monitor(Sum rule, OperationKey operation, int amount) implements RuleMonitor {
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
            Value given = place.arguments().get(amount);
            if (!given.isNumber()) {
                return new Breach(
                        false,
                        "`" + rule.operation() + "` needs `" + rule.of() + "`, a whole number of 0 to "
                                + Value.MAX_AMOUNT + ", since it is added up (rule at " + rule.position() + ")",
                        List.of(rule.operation()));
            }
            Value value = operation.value(place);
            Tally current = current(tally, task.nowMillis());
            long before = total(current, value, task.nowMillis());
            if (given.low() > rule.atMost() - before) {
                return new Breach(
                        false,
                        Breach.wanted(rule) + "; they come to " + before + ", and this call would add " + given.low(),
                        Bounded.trace(rule.operation(), before == 0 ? 0 : 1));
            }
            return isFull(current) ? Breach.full(rule) : Breach.full(rule, current, value);
        }

        /** The sum of what still counts. */
        private long total(Tally tally, Value value, long nowMillis) {
            long[] all = tally.of(value);
            if (all.length == 0) {
                return 0;
            } else if (rule.within().isTask()) {
                return all[0];
            }
            int from = from(all, nowMillis);
            return all[all.length / 2 - 1] - (from == 0 ? 0 : all[from - 1]);
        }

        /** The first entry that still counts, or the last one if none does. */
        private int from(long[] all, long nowMillis) {
            int calls = all.length / 2;
            int from = 0;
            while (from < calls && !rule.within().counts(all[calls + from], nowMillis)) {
                from++;
            }
            return from;
        }

        /** The entries of a value that still count. */
        private long[] recent(long[] all, long nowMillis) {
            int from = from(all, nowMillis);
            return from == 0 ? all : without(all, 0, from);
        }

        /** Entries without some of them. */
        private static long[] without(long[] all, int from, int to) {
            int calls = all.length / 2;
            int left = calls - (to - from);
            long[] next = new long[2 * left];
            long gone = all[to - 1] - (from == 0 ? 0 : all[from - 1]);
            for (int i = 0, at = 0; i < calls; i++) {
                if (i < from || i >= to) {
                    next[at] = i < from ? all[i] : all[i] - gone;
                    next[left + at++] = all[calls + i];
                }
            }
            return next;
        }

        /** The tally; with a window and if it is getting full, without what no longer counts. */
        private Tally current(Tally tally, long nowMillis) {
            boolean roomy = rule.within().isTask()
                    || (tally.counts().size() < Tally.MAX_ENTRIES / 2 && tally.times() < Tally.MAX_ENTRIES);
            return roomy ? tally : tally.recent(all -> recent(all, nowMillis), nowMillis);
        }

        /** Whether a window has no room for one more call. */
        private boolean isFull(Tally tally) {
            return !rule.within().isTask() && tally.times() >= 2 * Tally.MAX_ENTRIES;
        }

        @Override
        public long counted(Tally tally, Pair pair, RuleContext task) {
            Value value = operation.value(pair.place());
            Value given = pair.place().arguments().get(amount);
            Tally current = current(tally, task.nowMillis());
            long before = total(current, value, task.nowMillis());
            boolean room =
                    !isFull(current) && (current.has(value) || current.counts().size() < Tally.MAX_ENTRIES);
            return room && (!given.isNumber() || given.low() <= Value.MAX_AMOUNT - before) ? before : Counts.FULL;
        }

        /** The sum grows to at most {@link Value#MAX_AMOUNT}; only an observed rule reaches it. */
        @Override
        public Tally sent(Tally tally, Place place, RuleContext task) {
            if (!operation.is(place) || !place.arguments().get(amount).isNumber()) {
                return tally;
            }
            Value value = operation.value(place);
            long given = place.arguments().get(amount).low();
            if (rule.within().isTask()) {
                return tally.plus(value, Math.min(Value.MAX_AMOUNT - total(tally, value, 0), given));
            }
            Tally current = current(tally, task.nowMillis());
            if (isFull(current) || (!current.has(value) && current.counts().size() >= Tally.MAX_ENTRIES)) {
                return current;
            }
            long[] before = recent(current.of(value), task.nowMillis());
            int calls = before.length / 2;
            long sum = calls == 0 ? 0 : before[calls - 1];
            long[] next = new long[2 * (calls + 1)];
            System.arraycopy(before, 0, next, 0, calls);
            System.arraycopy(before, calls, next, calls + 1, calls);
            next[calls] = sum + Math.min(Value.MAX_AMOUNT - sum, given);
            next[next.length - 1] = task.nowMillis();
            return current.with(value, next);
        }

        @Override
        public Tally giveBack(Tally tally, Place place, long sentMillis) {
            if (!operation.is(place) || !place.arguments().get(amount).isNumber()) {
                return tally;
            }
            Value value = operation.value(place);
            long given = place.arguments().get(amount).low();
            return rule.within().isTask() ? tally.plus(value, -given) : givenBack(tally, value, given, sentMillis);
        }

        private static Tally givenBack(Tally tally, Value value, long given, long sentMillis) {
            long[] all = tally.of(value);
            int calls = all.length / 2;
            for (int i = 0; i < calls; i++) {
                if (all[calls + i] == sentMillis && all[i] - (i == 0 ? 0 : all[i - 1]) == given) {
                    return calls == 1 ? tally.without(value) : tally.with(value, without(all, i, i + 1));
                }
            }
            return tally;
        }
    }
}
