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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * {@code operation} may be sent with at most {@code atMost} different values of an argument. State: each of these
 * values with a number or, with a window, with its time.
 *
 * @param of the name of the argument
 * @param atMost 1 to {@link Tally#MAX_ENTRIES}
 */
record Distinct(
        String operation,
        String of,
        int atMost,
        TimeWindow within,
        List<String> same,
        boolean observe,
        Position position)
        implements Rule {
    /** The kind {@code distinct}. */
    static final RuleKind KIND = new RuleKind(
            RuleKeys.of(
                    required(
                            "distinct",
                            RuleKeys.OPERATION,
                            "The operation whose argument is counted over its sent calls."),
                    required("of", text(), "The argument, such as resource. A call without it is refused."),
                    required("at-most", whole(1, Tally.MAX_ENTRIES), "How many different values there may be."),
                    TimeWindow.key("In any period of this length; in the whole task if left out.")),
            Distinct::read);

    public Distinct {
        same = List.copyOf(same);
    }

    @Override
    public List<String> operations() {
        return List.of(operation);
    }

    @Override
    public Rule untimed() {
        return new Distinct(operation, of, atMost, TimeWindow.TASK, same, observe, position);
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
        return new Monitor(this, key, vocabulary.slot(key.symbol(), of));
    }

    private static @Nullable Rule read(YamlMap map, RuleKind.Common common, Faults faults) {
        int before = faults.count();
        String operation = map.requiredString("distinct", faults);
        String of = map.requiredString("of", faults);
        YamlNode atMost = map.required("at-most", faults);
        Long most = atMost == null ? null : atMost.integer(1, Tally.MAX_ENTRIES, faults);
        TimeWindow within = TimeWindow.read(map, faults);
        return operation == null || of == null || most == null || faults.count() > before
                ? null
                : new Distinct(
                        operation, of, most.intValue(), within, common.same(), common.observe(), common.position());
    }

    /**
     * The compiled {@link Distinct}. State: one entry for each value that counts, with the number of its sent calls or,
     * with a window, the time of the last one. With {@code same}, the first 32 bits of an entry are a hash of those
     * arguments. If two hashes are equal, their values are counted together, so the rule may refuse earlier, but never
     * later. Cost: a look-up, and for a new value a walk over the entries.
     *
     * @param of the position of the value in a place
     */
    private record Monitor(Distinct rule, OperationKey operation, int of) implements RuleMonitor {
        private static final long GROUP = 0xFFFF_FFFF_0000_0000L;

        @Override
        public boolean concerns(int symbol) {
            return symbol == operation.symbol();
        }

        @Override
        public boolean countsSent(Tally tally, Place place) {
            return operation.is(place);
        }

        private Value entry(Place place) {
            Value value = place.arguments().get(of);
            if (rule.same().isEmpty()) {
                return value;
            }
            return new Value((operation.value(place).high() & GROUP) | (value.high() >>> 32), value.low());
        }

        @Override
        public @Nullable Breach check(Tally tally, Pair pair, RuleContext task) {
            return check(
                    tally, pair, entry -> seen(tally, entry, task.nowMillis()).values(), task);
        }

        /** Walks over the entries once, and not for each operation of the call. */
        @Override
        public @Nullable Breach check(Tally tally, List<Pair> call, RuleContext task) {
            Breach gravest = null;
            Map<Long, Integer> values = values(tally, task.nowMillis());
            Tally at = tally.working();
            for (Pair pair : call) {
                gravest = Breach.graver(gravest, check(at, pair, entry -> values.getOrDefault(group(entry), 0), task));
                if (gravest != null && gravest.grade() == Breach.Grade.DEFINITE) {
                    return gravest;
                }
                if (!pair.dryRun() && operation.is(pair.place())) {
                    Value entry = entry(pair.place());
                    boolean fresh = !isCounted(at, entry, task.nowMillis());
                    at = sent(at, pair.place(), task);
                    if (fresh && at.has(entry)) {
                        values.merge(group(entry), 1, Integer::sum);
                    }
                }
            }
            return gravest;
        }

        /** The number of values that count, by their {@link #group}. */
        private Map<Long, Integer> values(Tally tally, long now) {
            Map<Long, Integer> values = new HashMap<>();
            tally.counts().forEach((entry, times) -> {
                if (rule.within().counts(newest(times), now)) {
                    values.merge(group(entry), 1, Integer::sum);
                }
            });
            return values;
        }

        /** The entries of one group count together. */
        private long group(Value entry) {
            return rule.same().isEmpty() ? 0 : entry.high() & GROUP;
        }

        private boolean isCounted(Tally tally, Value entry, long now) {
            return tally.has(entry) && rule.within().counts(newest(tally.of(entry)), now);
        }

        /** @param values the number of values that count together with an entry */
        private @Nullable Breach check(Tally tally, Pair pair, ToIntFunction<Value> values, RuleContext task) {
            Place place = pair.place();
            if (!operation.is(place)) {
                return null;
            }
            if (place.arguments().get(of).equals(Value.ABSENT)) {
                return new Breach(
                        false,
                        "`" + rule.operation() + "` needs `" + rule.of()
                                + "`, whose different values are counted (rule at " + rule.position() + ")",
                        List.of(rule.operation()));
            }
            Value entry = entry(place);
            TimeWindow within = rule.within();
            long now = task.nowMillis();
            if (isCounted(tally, entry, now)) {
                return null;
            }
            if (values.applyAsInt(entry) >= rule.atMost()) {
                Seen seen = seen(tally, entry, now);
                String said = Breach.wanted(rule);
                return new Breach(
                        false,
                        within.isTask() ? said : said + "; the next is possible in " + within.left(seen.oldest(), now),
                        Bounded.trace(rule.operation(), rule.atMost()));
            }
            return Breach.full(rule, within.roomy(tally, now), entry);
        }

        /** @param oldest the time of the value that was sent least lately */
        private record Seen(int values, long oldest) {}

        /** The values that count together with an entry. */
        private Seen seen(Tally tally, Value entry, long now) {
            int values = 0;
            long oldest = Long.MAX_VALUE;
            for (Map.Entry<Value, long[]> each : tally.counts().entrySet()) {
                boolean alike = group(each.getKey()) == group(entry);
                long time = newest(each.getValue());
                if (alike && rule.within().counts(time, now)) {
                    values++;
                    oldest = Math.min(oldest, time);
                }
            }
            return new Seen(values, oldest);
        }

        @Override
        public long counted(Tally tally, Pair pair, RuleContext task) {
            return counted(tally, List.of(pair), task).get(0);
        }

        @Override
        public List<Long> counted(Tally tally, List<Pair> call, RuleContext task) {
            Tally current = rule.within().roomy(tally, task.nowMillis());
            Map<Long, Integer> values = values(current, task.nowMillis());
            List<Long> each = new ArrayList<>(call.size());
            for (Pair pair : call) {
                Value entry = entry(pair.place());
                boolean room = current.has(entry) || current.counts().size() < Tally.MAX_ENTRIES;
                each.add(room ? values.getOrDefault(group(entry), 0) : Counts.FULL);
            }
            return each;
        }

        private static long newest(long[] times) {
            return times[times.length - 1];
        }

        @Override
        public Tally sent(Tally tally, Place place, RuleContext task) {
            if (!operation.is(place) || place.arguments().get(of).equals(Value.ABSENT)) {
                return tally;
            }
            Value entry = entry(place);
            if (rule.within().isTask()) {
                return tally.plus(entry, 1);
            }
            Tally room = rule.within().roomy(tally, task.nowMillis());
            return room.has(entry) || room.counts().size() < Tally.MAX_ENTRIES
                    ? room.with(entry, rule.within().sentNow(room.of(entry), task))
                    : room;
        }

        @Override
        public Tally giveBack(Tally tally, Place place, long sentMillis) {
            if (!operation.is(place) || place.arguments().get(of).equals(Value.ABSENT)) {
                return tally;
            }
            Value entry = entry(place);
            return rule.within().isTask() ? tally.plus(entry, -1) : tally.minusTime(entry, sentMillis);
        }
    }
}
