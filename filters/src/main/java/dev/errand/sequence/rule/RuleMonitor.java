package dev.errand.sequence.rule;

import dev.errand.sequence.binding.Place;
import dev.errand.sequence.binding.Value;
import dev.errand.sequence.binding.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One rule, compiled. Pure; what it has counted is a {@link Tally}. An argument that a call lacks is a value of its own,
 * except that {@code precedence} is never met for it.
 */
public sealed interface RuleMonitor {
    Rule rule();

    /** Whether the rule looks at calls of the operation. */
    boolean concerns(int symbol);

    /** Whether sending a call changes what it has counted, so that the call can be given back. */
    boolean countsSent(Tally tally, Place place);

    /** Whether the outcome of a call changes what it has counted. */
    boolean awaits(Tally tally, Place place);

    /**
     * Whether a call breaks the rule.
     *
     * @param inFlight whether a place is in flight that the test holds for
     */
    @Nullable Breach check(Tally tally, Place place, Predicate<Predicate<Place>> inFlight, long nowMillis);

    /** The call is sent. */
    default Tally sent(Tally tally, Place place, long nowMillis) {
        return tally;
    }

    /** A call sent at that time was not sent after all. */
    default Tally giveBack(Tally tally, Place place, long sentMillis) {
        return tally;
    }

    /** The call happened. */
    default Tally happened(Tally tally, Place place) {
        return tally;
    }

    /** Forgets what no longer matters. */
    default Tally expire(Tally tally, long nowMillis) {
        return tally;
    }

    /** The monitor of a rule. */
    static RuleMonitor of(Rule rule, Vocabulary vocabulary) {
        if (rule instanceof Rule.Absence absence) {
            return new AbsenceMonitor(
                    absence,
                    Key.of(absence.operation(), absence.same(), vocabulary),
                    Key.of(absence.after(), absence.same(), vocabulary));
        } else if (rule instanceof Rule.Precedence precedence) {
            return new PrecedenceMonitor(
                    precedence,
                    Key.of(precedence.operation(), precedence.same(), vocabulary),
                    Key.of(precedence.before(), precedence.same(), vocabulary));
        }
        Rule.Bounded bounded = (Rule.Bounded) rule;
        return new BoundedMonitor(bounded, Key.of(bounded.operation(), bounded.same(), vocabulary));
    }

    /**
     * How a rule sees calls of one operation.
     *
     * @param slots where in a {@link Place} the values are that it tells apart
     */
    record Key(int symbol, int[] slots) {
        static Key of(String operation, List<String> same, Vocabulary vocabulary) {
            int symbol = vocabulary.symbol(operation);
            return new Key(
                    symbol,
                    same.stream()
                            .mapToInt(name -> vocabulary.slot(symbol, name))
                            .toArray());
        }

        Value value(Place place) {
            if (slots.length == 0) {
                return Value.ANY;
            }
            if (slots.length == 1) {
                return place.arguments().get(slots[0]);
            }
            return Value.of(
                    Arrays.stream(slots).mapToObj(place.arguments()::get).toList());
        }

        boolean isComplete(Place place) {
            return Arrays.stream(slots)
                    .noneMatch(slot -> place.arguments().get(slot).equals(Value.ABSENT));
        }
    }

    /** No {@code operation} after {@code after}. */
    record AbsenceMonitor(Rule.Absence rule, Key operation, Key after) implements RuleMonitor {
        @Override
        public boolean concerns(int symbol) {
            return symbol == operation.symbol || symbol == after.symbol;
        }

        /** Once one happened, that more of them are sent says nothing new. */
        @Override
        public boolean countsSent(Tally tally, Place place) {
            return place.symbol() == after.symbol && !tally.isForEver(after.value(place));
        }

        @Override
        public boolean awaits(Tally tally, Place place) {
            return false;
        }

        @Override
        public @Nullable Breach check(Tally tally, Place place, Predicate<Predicate<Place>> inFlight, long nowMillis) {
            if (place.symbol() == operation.symbol && tally.has(operation.value(place))) {
                return new Breach(
                        false,
                        "`" + rule.operation() + "` may not be called once `" + rule.after() + "` was called"
                                + with(rule.same()) + " (rule at " + rule.position() + ")",
                        List.of(rule.after(), rule.operation()));
            }
            return place.symbol() == after.symbol ? full(rule, tally, after.value(place)) : null;
        }

        @Override
        public Tally sent(Tally tally, Place place, long nowMillis) {
            return countsSent(tally, place) ? add(tally, after.value(place), 1) : tally;
        }

        @Override
        public Tally giveBack(Tally tally, Place place, long sentMillis) {
            return countsSent(tally, place) ? add(tally, after.value(place), -1) : tally;
        }

        @Override
        public Tally happened(Tally tally, Place place) {
            Value value = after.value(place);
            return countsSent(tally, place) && tally.has(value) ? tally.with(value) : tally;
        }
    }

    /** {@code before} only once {@code operation} happened. */
    record PrecedenceMonitor(Rule.Precedence rule, Key operation, Key before) implements RuleMonitor {
        @Override
        public boolean concerns(int symbol) {
            return symbol == operation.symbol || symbol == before.symbol;
        }

        @Override
        public boolean countsSent(Tally tally, Place place) {
            return false;
        }

        @Override
        public boolean awaits(Tally tally, Place place) {
            return place.symbol() == operation.symbol
                    && operation.isComplete(place)
                    && !tally.has(operation.value(place));
        }

        @Override
        public @Nullable Breach check(Tally tally, Place place, Predicate<Predicate<Place>> inFlight, long nowMillis) {
            if (place.symbol() == before.symbol && !(before.isComplete(place) && tally.has(before.value(place)))) {
                Value value = before.value(place);
                boolean waits = before.isComplete(place)
                        && inFlight.test(other -> other.symbol() == operation.symbol
                                && operation.value(other).equals(value));
                String wanted = "`" + rule.before() + "` may be called only once `" + rule.operation() + "` succeeded"
                        + with(rule.same()) + " (rule at " + rule.position() + ")";
                return new Breach(
                        waits,
                        waits ? wanted + "; that call is still unanswered: ask again once it is answered" : wanted,
                        List.of(rule.before()));
            }
            return awaits(tally, place) ? full(rule, tally, operation.value(place)) : null;
        }

        @Override
        public Tally happened(Tally tally, Place place) {
            return awaits(tally, place) && tally.counts().size() < Tally.MAX_VALUES
                    ? tally.with(operation.value(place))
                    : tally;
        }
    }

    /** At most so many. */
    record BoundedMonitor(Rule.Bounded rule, Key operation) implements RuleMonitor {
        @Override
        public boolean concerns(int symbol) {
            return symbol == operation.symbol;
        }

        @Override
        public boolean countsSent(Tally tally, Place place) {
            return place.symbol() == operation.symbol;
        }

        @Override
        public boolean awaits(Tally tally, Place place) {
            return false;
        }

        @Override
        public @Nullable Breach check(Tally tally, Place place, Predicate<Predicate<Place>> inFlight, long nowMillis) {
            if (place.symbol() != operation.symbol) {
                return null;
            }
            Value value = operation.value(place);
            long[] count = tally.of(value);
            String limit = "`" + rule.operation() + "` may be called at most " + rule.atMost() + " times";
            if (rule.withinMillis().isEmpty()) {
                return count.length > 0 && count[0] >= rule.atMost()
                        ? new Breach(false, limit + with(rule.same()) + " (rule at " + rule.position() + ")", trace())
                        : full(rule, tally, value);
            }
            long within = rule.withinMillis().get();
            int atMost = (int) rule.atMost();
            if (count.length >= atMost && nowMillis - count[count.length - atMost] < within) {
                long free = count[count.length - atMost] + within - nowMillis;
                return new Breach(
                        false,
                        limit + " within " + duration(within) + with(rule.same()) + " (rule at " + rule.position()
                                + "); the next is possible in " + duration(free),
                        trace());
            }
            return fullOfTimes(expire(tally, nowMillis), value);
        }

        private @Nullable Breach fullOfTimes(Tally current, Value value) {
            return current.times() >= Tally.MAX_TIMES && !rule.same().isEmpty()
                    ? new Breach(
                            true,
                            "`" + rule.operation() + "` must wait: the rule at " + rule.position()
                                    + " keeps no more than " + Tally.MAX_TIMES + " calls apart",
                            List.of(rule.operation()))
                    : full(rule, current, value);
        }

        @Override
        public Tally sent(Tally tally, Place place, long nowMillis) {
            if (place.symbol() != operation.symbol) {
                return tally;
            }
            Value value = operation.value(place);
            if (rule.withinMillis().isEmpty()) {
                return add(tally, value, 1);
            }
            Tally current =
                    tally.has(value) || tally.counts().size() < Tally.MAX_VALUES / 2 ? tally : expire(tally, nowMillis);
            if ((!current.has(value) && current.counts().size() >= Tally.MAX_VALUES)
                    || current.times() >= 2 * Tally.MAX_TIMES) {
                return current;
            }
            long[] recent = recent(current.of(value), nowMillis);
            // The newest `at-most` times tell all: more of them come only where the rule is merely observed.
            int kept = (int) Math.min(recent.length, rule.atMost() - 1);
            long[] next = Arrays.copyOfRange(recent, recent.length - kept, recent.length + 1);
            next[kept] = nowMillis;
            return current.with(value, next);
        }

        @Override
        public Tally giveBack(Tally tally, Place place, long sentMillis) {
            if (place.symbol() != operation.symbol) {
                return tally;
            }
            Value value = operation.value(place);
            if (rule.withinMillis().isEmpty()) {
                return add(tally, value, -1);
            }
            long[] times = tally.of(value);
            int at = Arrays.binarySearch(times, sentMillis);
            if (at < 0) {
                return tally;
            }
            if (times.length == 1) {
                return tally.without(value);
            }
            long[] next = new long[times.length - 1];
            System.arraycopy(times, 0, next, 0, at);
            System.arraycopy(times, at + 1, next, at, next.length - at);
            return tally.with(value, next);
        }

        @Override
        public Tally expire(Tally tally, long nowMillis) {
            if (rule.withinMillis().isEmpty()) {
                return tally;
            }
            Map<Value, long[]> next = new HashMap<>();
            tally.counts().forEach((value, times) -> {
                long[] recent = recent(times, nowMillis);
                if (recent.length > 0) {
                    next.put(value, recent);
                }
            });
            return new Tally(next);
        }

        private long[] recent(long[] times, long nowMillis) {
            long oldest = nowMillis - rule.withinMillis().orElseThrow();
            int from = 0;
            while (from < times.length && times[from] <= oldest) {
                from++;
            }
            return from == 0 ? times : Arrays.copyOfRange(times, from, times.length);
        }

        private List<String> trace() {
            int shown = (int) Math.min(rule.atMost() + 1, 64);
            List<String> trace = new ArrayList<>(Collections.nCopies(shown, rule.operation()));
            if (shown <= rule.atMost()) {
                trace.set(shown - 2, "… " + (rule.atMost() + 2 - shown) + " more");
            }
            return trace;
        }
    }

    private static Tally add(Tally tally, Value value, int by) {
        long[] count = tally.of(value);
        long next = (count.length == 0 ? 0 : count[0]) + by;
        if (next <= 0) {
            return tally.has(value) ? tally.without(value) : tally;
        }
        return tally.has(value) || tally.counts().size() < Tally.MAX_VALUES ? tally.with(value, next) : tally;
    }

    private static @Nullable Breach full(Rule rule, Tally tally, Value value) {
        return tally.has(value) || tally.counts().size() < Tally.MAX_VALUES
                ? null
                : new Breach(
                        true,
                        "the rule at " + rule.position() + " keeps no more than " + Tally.MAX_VALUES + " values of "
                                + rule.same() + " apart, and this call has one more",
                        List.of(rule.operations().get(0)));
    }

    private static String with(List<String> same) {
        return same.isEmpty() ? "" : " with the same " + String.join(" and ", same);
    }

    /** Milliseconds as a template writes them. */
    static String duration(long millis) {
        if (millis % 3_600_000 == 0) {
            return millis / 3_600_000 + "h";
        } else if (millis % 60_000 == 0) {
            return millis / 60_000 + "m";
        }
        return millis % 1_000 == 0 ? millis / 1_000 + "s" : millis + "ms";
    }
}
