package dev.errand.sequence.rule;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Keys.required;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.Shape;
import dev.errand.config.YamlMap;
import dev.errand.sequence.rule.Absence.When;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code operation} must not be sent once {@code after} was sent, happened or failed. State: for each value one time,
 * or one count; at most {@link #maxEntries} entries.
 */
record Absence(
        String operation,
        String after,
        When when,
        TimeWindow within,
        List<String> same,
        boolean observe,
        Position position)
        implements Rule {
    /** The kind {@code absence}. */
    static final RuleKind KIND = new RuleKind(
            RuleKeys.of(
                    required("absence", RuleKeys.OPERATION, "The operation that may not be called any more."),
                    required("after", RuleKeys.OPERATION, "After this operation was sent, happened or failed."),
                    optional(
                                    "when",
                                    Shape.words(Arrays.stream(When.values())
                                            .map(When::wire)
                                            .toList()),
                                    "Which of these counts. `failed`: an answer of 400 or more, or a read without an answer.")
                            .or("sent"),
                    TimeWindow.key("For how long; for the rest of the task if left out.")),
            Absence::read);

    private static final int MAX_TIMES = 385;

    /** The event of {@code after} that forbids {@code operation} from then on. */
    enum When {
        /** The call is sent. It does not count if no byte of it was sent. */
        SENT("was called"),
        /** The upstream answers below 400. */
        HAPPENED("succeeded"),
        /** The upstream answers 400 or more, or never. */
        FAILED("failed");

        final String words;

        When(String words) {
            this.words = words;
        }

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Absence {
        same = List.copyOf(same);
    }

    @Override
    public List<String> operations() {
        return List.of(operation, after);
    }

    @Override
    public Rule untimed() {
        return new Absence(operation, after, when, TimeWindow.TASK, same, observe, position);
    }

    @Override
    public RuleTerms terms() {
        return new RuleTerms("absence", within.millis(), Long.MAX_VALUE, null, when.wire(), false);
    }

    @Override
    public String label() {
        return "absence: " + operation + ", after: " + after + (when == When.SENT ? "" : ", when: " + when.wire())
                + within.label();
    }

    /** With a window, a value keeps its newest time and the times of calls that may still be given back. */
    @Override
    public int maxEntries() {
        return when == When.SENT && !within.isTask() && same.isEmpty() ? MAX_TIMES : Rule.super.maxEntries();
    }

    @Override
    public String wanted() {
        return "`" + operation + "` may not be called" + (within.isTask() ? " once `" : within.words() + " after `")
                + after + "` " + when.words;
    }

    @Override
    public RuleMonitor monitor(Vocabulary vocabulary) {
        OperationKey refused = OperationKey.of(operation, same, vocabulary);
        OperationKey cause = OperationKey.of(after, same, vocabulary);
        return when == When.SENT ? new SentMonitor(this, refused, cause) : new OutcomeMonitor(this, refused, cause);
    }

    private static @Nullable Rule read(YamlMap map, RuleKind.Common common, Faults faults) {
        int before = faults.count();
        String operation = map.requiredString("absence", faults);
        String after = map.requiredString("after", faults);
        String word = map.string("when", faults);
        When when = When.SENT;
        for (When each : When.values()) {
            when = each.wire().equals(word) ? each : when;
        }
        if (word != null && !when.wire().equals(word)) {
            faults.add(map.at("when"), "'" + word + "' is no `when`: write sent, happened or failed");
        }
        TimeWindow within = TimeWindow.read(map, faults);
        return operation == null || after == null || faults.count() > before
                ? null
                : new Absence(operation, after, when, within, common.same(), common.observe(), common.position());
    }

    /**
     * The compiled {@link Absence} with {@code when: sent}. State: for each value of {@code after}, the number of sent
     * calls that may be given back or, with a window, their times; once a call is known to have happened, no number. Cost:
     * one look-up.
     */
    private record SentMonitor(Absence rule, OperationKey operation, OperationKey after) implements RuleMonitor {
        @Override
        public boolean concerns(int symbol) {
            return symbol == operation.symbol() || symbol == after.symbol();
        }

        /** Without a window, once a call of {@code after} happened, further sent calls change nothing. */
        @Override
        public boolean countsSent(Tally tally, Place place) {
            return after.is(place) && (!rule.within().isTask() || !tally.isForEver(after.value(place)));
        }

        @Override
        public @Nullable Breach check(Tally tally, Pair pair, RuleContext task) {
            Place place = pair.place();
            if (operation.is(place)) {
                Breach breach =
                        forbidden(rule, tally.of(operation.value(place)), tally.has(operation.value(place)), task);
                if (breach != null) {
                    return breach;
                }
            }
            return after.is(place)
                    ? Breach.full(rule, rule.within().roomy(tally, task.nowMillis()), after.value(place))
                    : null;
        }

        /**
         * The objection to a call that comes too soon, or null.
         *
         * @param times the times of {@code after}; the newest counts
         */
        static @Nullable Breach forbidden(Absence rule, long[] times, boolean known, RuleContext task) {
            long newest = times.length == 0 ? 0 : times[times.length - 1];
            if (!known || !rule.within().counts(newest, task.nowMillis())) {
                return null;
            }
            String said = Breach.wanted(rule);
            return new Breach(
                    false,
                    rule.within().isTask()
                            ? said
                            : said + "; it is possible in " + rule.within().left(newest, task.nowMillis()),
                    List.of(rule.after(), rule.operation()));
        }

        @Override
        public Tally sent(Tally tally, Place place, RuleContext task) {
            if (!countsSent(tally, place)) {
                return tally;
            }
            Value value = after.value(place);
            if (rule.within().isTask()) {
                return tally.plus(value, 1);
            }
            Tally room = rule.within().roomy(tally, task.nowMillis());
            return room.has(value) || room.counts().size() < Tally.MAX_ENTRIES
                    ? room.with(value, rule.within().sentNow(room.of(value), task))
                    : room;
        }

        @Override
        public Tally giveBack(Tally tally, Place place, long sentMillis) {
            if (!countsSent(tally, place)) {
                return tally;
            }
            Value value = after.value(place);
            return rule.within().isTask() ? tally.plus(value, -1) : tally.minusTime(value, sentMillis);
        }

        @Override
        public Tally happened(Tally tally, Place place, long atMillis) {
            boolean counted = rule.within().isTask() && countsSent(tally, place) && tally.has(after.value(place));
            return counted ? tally.with(after.value(place)) : tally;
        }
    }

    /**
     * The compiled {@link Absence} with {@code when: happened} or {@code failed}. State: for each value of {@code after},
     * the time of its last such outcome. Cost: a look-up, and a walk over the calls in flight and the unknown ones. The outcome of each call of
     * {@code after} is awaited.
     */
    private record OutcomeMonitor(Absence rule, OperationKey operation, OperationKey after) implements RuleMonitor {
        @Override
        public boolean concerns(int symbol) {
            return symbol == operation.symbol() || symbol == after.symbol();
        }

        @Override
        public boolean awaits(Tally tally, Place place) {
            return after.is(place) && (!rule.within().isTask() || !tally.has(after.value(place)));
        }

        @Override
        public @Nullable Breach check(Tally tally, Pair pair, RuleContext task) {
            Breach breach = forbidden(tally, pair.place(), task);
            return breach != null ? breach : room(tally, List.of(pair), task);
        }

        @Override
        public @Nullable Breach check(Tally tally, List<Pair> call, RuleContext task) {
            Breach gravest = null;
            for (Pair pair : call) {
                gravest = Breach.graver(gravest, forbidden(tally, pair.place(), task));
            }
            return gravest != null ? gravest : room(tally, call, task);
        }

        private @Nullable Breach forbidden(Tally tally, Place place, RuleContext task) {
            if (!operation.is(place)) {
                return null;
            }
            Value value = operation.value(place);
            Breach breach = SentMonitor.forbidden(rule, tally.of(value), tally.has(value), task);
            if (breach != null) {
                return breach;
            }
            List<String> unknown =
                    task.unknown(after, value, since -> rule.within().counts(since, task.nowMillis()));
            if (unknown.isEmpty() && task.unanswered(after, value) == 0) {
                return null;
            }
            String wanted = Breach.wanted(rule);
            List<String> trace = List.of(rule.after(), rule.operation());
            return unknown.isEmpty()
                    ? new Breach(true, wanted + Breach.UNANSWERED, trace)
                    : Breach.unknown(unknown, wanted, trace);
        }

        @Override
        public boolean minds(Tally tally, Place place, RuleContext.Unknown call, long nowMillis) {
            return awaits(tally, place) && rule.within().counts(call.sinceMillis(), nowMillis);
        }

        private @Nullable Breach room(Tally tally, List<Pair> call, RuleContext task) {
            List<Pair> more =
                    call.stream().filter(pair -> after.is(pair.place())).toList();
            return more.isEmpty() ? null : TallyCapacity.of(rule, rule.within(), tally, more, after, task);
        }

        @Override
        public Tally happened(Tally tally, Place place, long atMillis) {
            return rule.when() == When.HAPPENED ? came(tally, place, atMillis) : tally;
        }

        @Override
        public Tally failed(Tally tally, Place place, long atMillis) {
            return rule.when() == When.FAILED ? came(tally, place, atMillis) : tally;
        }

        private Tally came(Tally tally, Place place, long atMillis) {
            return after.is(place) ? TallyCapacity.came(rule.within(), tally, after.value(place), atMillis) : tally;
        }
    }
}
