package dev.errand.sequence.rule;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Keys.required;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.Shape;
import dev.errand.config.YamlMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code before} may be sent only after {@code operation} happened; with {@code once}, one call for each time that it
 * happened. State for each value that happened: nothing; with a window, the time; with {@code once}, the times or their
 * number.
 */
record Precedence(
        String operation,
        String before,
        TimeWindow within,
        boolean once,
        List<String> same,
        boolean observe,
        Position position)
        implements Rule {
    /** The kind {@code precedence}. */
    static final RuleKind KIND = new RuleKind(
            RuleKeys.of(
                    required("precedence", RuleKeys.OPERATION, "The operation that must have happened."),
                    required("before", RuleKeys.OPERATION, "The operation that may be called only after it."),
                    TimeWindow.key("How long before at most; any time in the task if left out."),
                    optional(
                                    "once",
                                    Shape.Simple.FLAG,
                                    "Each time that the first operation happened lets one call pass.")
                            .or("false")),
            Precedence::read);

    public Precedence {
        same = List.copyOf(same);
    }

    @Override
    public List<String> operations() {
        return List.of(operation, before);
    }

    @Override
    public Rule untimed() {
        return new Precedence(operation, before, TimeWindow.TASK, once, same, observe, position);
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
                : new Monitor(this, first, second);
    }

    @Override
    public String wanted() {
        return "`" + before + "` may be called only " + (once ? "once for each time that" : "once") + " `" + operation
                + "` succeeded" + within.words();
    }

    private static @Nullable Rule read(YamlMap map, RuleKind.Common common, Faults faults) {
        int faulty = faults.count();
        String operation = map.requiredString("precedence", faults);
        String before = map.requiredString("before", faults);
        TimeWindow within = TimeWindow.read(map, faults);
        boolean once = map.bool("once", false, faults);
        if (operation != null && operation.equals(before)) {
            faults.add(map.at("before"), "`" + before + "` cannot come before itself: no call could be the first");
        }
        return operation == null || before == null || faults.count() > faulty
                ? null
                : new Precedence(operation, before, within, once, common.same(), common.observe(), common.position());
    }

    /**
     * The compiled {@link Precedence} without {@code once}. State: the values that happened and, with a window, the last time
     * of each. Cost: a look-up; if it finds nothing, a walk over the calls in flight and the unknown ones. With a window, the outcome of
     * each call of {@code operation} is awaited; without one, only that of the first call of each value.
     */
    private record Monitor(Precedence rule, OperationKey operation, OperationKey before) implements RuleMonitor {
        @Override
        public boolean concerns(int symbol) {
            return symbol == operation.symbol() || symbol == before.symbol();
        }

        @Override
        public boolean awaits(Tally tally, Place place) {
            return operation.is(place)
                    && operation.isComplete(place)
                    && (!rule.within().isTask() || !tally.has(operation.value(place)));
        }

        @Override
        public @Nullable Breach check(Tally tally, Pair pair, RuleContext task) {
            Breach breach = unmet(tally, pair.place(), task);
            return breach != null ? breach : room(tally, List.of(pair), task);
        }

        @Override
        public @Nullable Breach check(Tally tally, List<Pair> call, RuleContext task) {
            Breach gravest = null;
            for (Pair pair : call) {
                gravest = Breach.graver(gravest, unmet(tally, pair.place(), task));
            }
            return gravest != null ? gravest : room(tally, call, task);
        }

        private @Nullable Breach unmet(Tally tally, Place place, RuleContext task) {
            if (!before.is(place) || (before.isComplete(place) && isMet(tally, before.value(place), task))) {
                return null;
            }
            List<String> trace = List.of(rule.before());
            if (before.isComplete(place)) {
                Value value = before.value(place);
                if (task.unanswered(operation, value) > 0) {
                    return new Breach(true, Breach.wanted(rule) + Breach.UNANSWERED, trace);
                }
                List<String> unknown =
                        task.unknown(operation, value, since -> rule.within().counts(since, task.nowMillis()));
                if (!unknown.isEmpty()) {
                    return Breach.unknown(unknown, Breach.wanted(rule), trace);
                }
            }
            return new Breach(false, Breach.wanted(rule), trace);
        }

        @Override
        public boolean minds(Tally tally, Place place, RuleContext.Unknown call, long nowMillis) {
            return awaits(tally, place) && rule.within().counts(call.sinceMillis(), nowMillis);
        }

        private @Nullable Breach room(Tally tally, List<Pair> call, RuleContext task) {
            List<Pair> more =
                    call.stream().filter(pair -> awaits(tally, pair.place())).toList();
            return more.isEmpty() ? null : TallyCapacity.of(rule, rule.within(), tally, more, operation, task);
        }

        private boolean isMet(Tally tally, Value value, RuleContext task) {
            if (rule.within().isTask()) {
                return tally.has(value);
            }
            long[] times = tally.of(value);
            return times.length > 0 && rule.within().counts(times[times.length - 1], task.nowMillis());
        }

        @Override
        public Tally happened(Tally tally, Place place, long atMillis) {
            return awaits(tally, place)
                    ? TallyCapacity.came(rule.within(), tally, operation.value(place), atMillis)
                    : tally;
        }
    }

    /**
     * The compiled {@link Precedence} with {@code once}. State: for each value, the occurrences of {@code operation} that
     * no call of {@code before} has used yet, as a number or, with a window, as their times. A call of {@code before} uses
     * the oldest occurrence that still counts, and notes its time so that the occurrence can be given back. Cost: one
     * look-up; if it finds nothing, a walk over the calls in flight and the unknown ones. The outcome of every call of {@code operation} is
     * awaited.
     *
     * <p>A call of {@code before} that people let pass although an unknown outcome decides finds no occurrence to use. It
     * leaves a debt, which the next occurrence pays: one whose outcome becomes known, or a new one. Debts are kept as
     * occurrences are, under a value of their own; with a window, each as the time of its call, for as long as an
     * occurrence of that time would count.
     *
     * @param spent the position in a place of {@code before} at which is noted what the call used: the time of an
     *     occurrence, or {@link #DEBT}
     */
    private record OnceMonitor(Precedence rule, OperationKey operation, OperationKey before, int spent)
            implements RuleMonitor {
        /** The note of a call that left a debt. */
        private static final Value DEBT = Value.ANY;

        @Override
        public boolean concerns(int symbol) {
            return symbol == operation.symbol() || symbol == before.symbol();
        }

        @Override
        public boolean countsSent(Tally tally, Place place) {
            return before.is(place);
        }

        @Override
        public boolean awaits(Tally tally, Place place) {
            return operation.is(place) && operation.isComplete(place);
        }

        @Override
        public @Nullable Breach check(Tally tally, Pair pair, RuleContext task) {
            return check(tally, List.of(pair), task);
        }

        /** Checks all pairs of a call together: each pair needs an occurrence of its own. */
        @Override
        public @Nullable Breach check(Tally tally, List<Pair> call, RuleContext task) {
            Map<Value, Integer> known = new HashMap<>();
            Map<Value, Integer> possible = new HashMap<>();
            List<String> unknown = new ArrayList<>(0);
            boolean waits = false;
            for (Pair pair : call) {
                Place place = pair.place();
                if (!before.is(place)) {
                    continue;
                }
                Value value = before.value(place);
                if (!before.isComplete(place)) {
                    return new Breach(false, Breach.wanted(rule), List.of(rule.before()));
                }
                int have = known.computeIfAbsent(
                        value, each -> fresh(tally, each, task) - fresh(tally, each.owed(), task));
                int more = possible.computeIfAbsent(value, each -> task.unanswered(operation, each));
                if (have + more <= 0) {
                    int most = have + more;
                    for (RuleContext.Unknown other : task.unknown(operation, value)) {
                        int came = counts(other, task.nowMillis()) ? count(other.places(), value) : 0;
                        most += came;
                        if (came > 0) {
                            unknown.add(other.decision());
                        }
                    }
                    if (most <= 0) {
                        return new Breach(false, Breach.wanted(rule), List.of(rule.before()));
                    }
                }
                waits |= have <= 0;
                if (!pair.dryRun()) {
                    known.put(value, have - 1);
                }
            }
            if (!unknown.isEmpty()) {
                // Without room for a debt, nobody may let the call pass.
                return hasRoom(rule.within().roomy(tally, task.nowMillis()), call.size())
                        ? Breach.unknown(unknown, Breach.wanted(rule), List.of(rule.before()))
                        : Breach.full(rule);
            }
            return waits
                    ? new Breach(true, Breach.wanted(rule) + Breach.UNANSWERED, List.of(rule.before()))
                    : room(tally, call, task);
        }

        private boolean counts(RuleContext.Unknown call, long nowMillis) {
            return rule.within().counts(call.sinceMillis(), nowMillis);
        }

        @Override
        public boolean minds(Tally tally, Place place, RuleContext.Unknown call, long nowMillis) {
            return awaits(tally, place) && counts(call, nowMillis);
        }

        private int fresh(Tally tally, Value value, RuleContext task) {
            long[] times = tally.of(value);
            if (rule.within().isTask()) {
                return times.length == 0 ? 0 : (int) Math.min(times[0], Integer.MAX_VALUE / 2);
            }
            return rule.within().recent(times, task.nowMillis()).length;
        }

        private int count(List<Place> call, Value value) {
            int count = 0;
            for (Place place : call) {
                count += operation.is(place, value) ? 1 : 0;
            }
            return count;
        }

        private @Nullable Breach room(Tally tally, List<Pair> call, RuleContext task) {
            if (rule.within().isTask()) {
                return call.stream().anyMatch(pair -> operation.is(pair.place()))
                        ? TallyCapacity.of(rule, rule.within(), tally, call, operation, task)
                        : null;
            }
            long more =
                    call.stream().filter(pair -> awaits(tally, pair.place())).count();
            if (more == 0) {
                return null;
            }
            for (List<Place> other : task.open()) {
                more += other.stream().filter(place -> awaits(tally, place)).count();
            }
            long kept = rule.within().roomy(tally, task.nowMillis()).times();
            return kept + more > Tally.MAX_ENTRIES ? Breach.full(rule) : null;
        }

        private static boolean hasRoom(Tally tally, int more) {
            return tally.counts().size() + more <= Tally.MAX_ENTRIES && tally.times() + more <= Tally.MAX_ENTRIES;
        }

        @Override
        public Place noted(Tally tally, Place place, RuleContext task) {
            if (!before.is(place)) {
                return place;
            }
            long[] usable = usable(tally, before.value(place), task);
            return usable.length == 0 ? place : place.with(spent, Value.ofNumber(usable[0]));
        }

        @Override
        public Place owing(Tally tally, Place place, RuleContext task) {
            Place noted = noted(tally, place, task);
            boolean owes = before.is(place)
                    && !noted.arguments().get(spent).isNumber()
                    && hasRoom(rule.within().roomy(tally, task.nowMillis()), 1);
            return owes ? place.with(spent, DEBT) : noted;
        }

        private long[] usable(Tally tally, Value value, RuleContext task) {
            long[] times = tally.of(value);
            return rule.within().isTask() ? times : rule.within().recent(times, task.nowMillis());
        }

        @Override
        public Tally sent(Tally tally, Place place, RuleContext task) {
            if (!before.is(place)) {
                return tally;
            }
            Value value = before.value(place);
            if (place.arguments().get(spent).equals(DEBT)) {
                return more(rule.within().roomy(tally, task.nowMillis()), value.owed(), task.nowMillis());
            } else if (rule.within().isTask()) {
                return tally.plus(value, -1);
            }
            long[] usable = usable(tally, value, task);
            if (usable.length == 0) {
                return tally.without(value);
            }
            return tally.with(value, usable).minusTime(value, usable[0]);
        }

        @Override
        public Tally giveBack(Tally tally, Place place, long sentMillis) {
            if (!before.is(place)) {
                return tally;
            }
            Value value = before.value(place);
            Value used = place.arguments().get(spent);
            if (used.isNumber()) {
                return came(tally, value, used.low());
            } else if (!used.equals(DEBT)) {
                return tally;
            } else if (!rule.within().isTask()) {
                // If its debt is paid, the time of the occurrence that paid is no longer known.
                return tally.minusTime(value.owed(), sentMillis);
            }
            return tally.has(value.owed()) ? tally.plus(value.owed(), -1) : tally.plus(value, 1);
        }

        @Override
        public Tally happened(Tally tally, Place place, long atMillis) {
            return awaits(tally, place)
                    ? came(rule.within().roomy(tally, atMillis), operation.value(place), atMillis)
                    : tally;
        }

        /** One more occurrence: it pays the oldest debt that counts at its time, or is free to be used. */
        private Tally came(Tally tally, Value value, long atMillis) {
            Value owed = value.owed();
            if (rule.within().isTask()) {
                return tally.has(owed) ? tally.plus(owed, -1) : tally.plus(value, 1);
            }
            long[] debts = rule.within().recent(tally.of(owed), atMillis);
            return debts.length == 0 ? more(tally, value, atMillis) : tally.minusTime(owed, debts[0]);
        }

        private Tally more(Tally tally, Value value, long atMillis) {
            if (rule.within().isTask()) {
                return tally.plus(value, 1);
            }
            return tally.times() < Tally.MAX_ENTRIES ? tally.plusTime(value, atMillis) : tally;
        }
    }
}
