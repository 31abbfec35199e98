package dev.errand.sequence.rule;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.operation.AnswerCondition;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the last answers of some operations said to one task: for each operation, and each value of the arguments by
 * which its calls are told apart, the values of the last answer below 400. Numbers are kept as they are, anything else
 * as a keyed hash. At most {@value #MAX} answers are kept; what does not fit is not kept, so the rules that look at it
 * refuse. Immutable and thread-safe.
 */
public final class KeptAnswers {
    /** The most answers of one task. */
    public static final int MAX = 512;

    /** The most bytes of one answer in the state: its key, its time, and up to 16 values. */
    public static final int ANSWER_BYTES = 200;

    /** No answer came. */
    public static final KeptAnswers NONE = new KeptAnswers(Map.of());

    private static final int MOST_SCALE = 64;

    private final Map<Key, Answer> answers;

    private KeptAnswers(Map<Key, Answer> answers) {
        this.answers = answers;
    }

    /**
     * An operation whose answers are kept.
     *
     * @param same the arguments by which its calls are told apart, in their order
     */
    public record Source(String operation, List<String> same) {
        public Source {
            same = List.copyOf(same);
        }
    }

    /**
     * A source in one policy.
     *
     * @param key how it tells calls apart
     * @param names of the values that are kept, in their order
     * @param windowMillis how long some rule looks at an answer; {@link Long#MAX_VALUE} for the whole task
     */
    public record Watched(Source source, OperationKey key, List<String> names, long windowMillis) {
        public Watched {
            names = List.copyOf(names);
        }
    }

    /** Which answer it is. */
    public record Key(Source source, Value same) {}

    /**
     * The last answer.
     *
     * @param atMillis when it came, epoch milliseconds
     * @param facts its values by name; what was absent, stood more than once or could not be read is not there
     */
    public record Answer(long atMillis, Map<String, Fact> facts) {
        /** An answer that said nothing. */
        static final Answer SILENT = new Answer(0, Map.of());

        public Answer {
            facts = Map.copyOf(facts);
        }
    }

    /**
     * A kept value.
     *
     * @param number null for one that is kept as a hash
     * @param isNumber whether it is a number; one with too many digits is kept as a hash, too
     * @param hash 0 for a number that is kept as such
     */
    public record Fact(@Nullable BigDecimal number, boolean isNumber, long hash) {
        /** A number that is kept as such. */
        public static Fact of(BigDecimal number) {
            return new Fact(number, true, 0);
        }

        static Fact of(AnswerValues.Named value, AnswerValues keyed) {
            BigDecimal number = value.number() == null ? null : value.number().stripTrailingZeros();
            boolean fits = number != null
                    && number.unscaledValue().bitLength() < Long.SIZE
                    && Math.abs((long) number.scale()) <= MOST_SCALE;
            return number != null && fits ? of(number) : new Fact(null, number != null, keyed.hash(value));
        }
    }

    /** All answers; nobody may change the map. */
    public Map<Key, Answer> all() {
        return answers;
    }

    /** These answers, as they were stored; nobody may change the map afterwards. */
    public static KeptAnswers of(Map<Key, Answer> stored) {
        return stored.isEmpty() ? NONE : new KeptAnswers(stored);
    }

    /** The last answer; null if none is kept. */
    @Nullable Answer find(Source source, Value same) {
        return answers.get(new Key(source, same));
    }

    boolean isFull() {
        return answers.size() >= MAX;
    }

    /** These answers after a call was answered of whose values nothing is known yet. */
    public KeptAnswers answered(List<Watched> watched, List<Place> call, long atMillis) {
        return answered(watched, call, each -> Map.of(), atMillis);
    }

    /** These answers after all values of a call's answer are known. */
    public KeptAnswers answered(
            List<Watched> watched,
            List<Place> call,
            List<AnswerValues.Named> values,
            AnswerValues keyed,
            long atMillis) {
        return answered(watched, call, each -> facts(each, values, keyed), atMillis);
    }

    private static Map<String, Fact> facts(Watched watched, List<AnswerValues.Named> values, AnswerValues keyed) {
        Map<String, Fact> facts = new HashMap<>();
        for (String name : watched.names) {
            List<AnswerValues.Named> found = values.stream()
                    .filter(value -> value.operation().equals(watched.source.operation)
                            && value.name().equals(name))
                    .limit(2)
                    .toList();
            if (found.size() == 1 && !found.get(0).value().equals(Value.ABSENT)) {
                facts.put(name, Fact.of(found.get(0), keyed));
            }
        }
        return facts;
    }

    private KeptAnswers answered(
            List<Watched> watched, List<Place> call, Function<Watched, Map<String, Fact>> facts, long atMillis) {
        Map<Key, Answer> next = null;
        for (Watched each : watched) {
            Set<Value> values = call.stream()
                    .filter(place -> each.key.is(place) && each.key.isComplete(place))
                    .map(each.key::value)
                    .collect(Collectors.toCollection(HashSet::new));
            // One answer to several operations does not say which of its values belong to which of them.
            Map<String, Fact> said = values.size() == 1 ? facts.apply(each) : Map.of();
            for (Value same : values) {
                Key key = new Key(each.source, same);
                Answer old = answers.get(key);
                if (old == null || old.atMillis <= atMillis) {
                    next = next == null ? new HashMap<>(answers) : next;
                    put(next, watched, key, new Answer(atMillis, said));
                }
            }
        }
        return next == null ? this : new KeptAnswers(next);
    }

    private static void put(Map<Key, Answer> into, List<Watched> watched, Key key, Answer answer) {
        if (into.size() >= MAX && !into.containsKey(key)) {
            into.entrySet()
                    .removeIf(entry -> watched.stream()
                            .allMatch(each -> !each.source.equals(entry.getKey().source)
                                    || answer.atMillis - entry.getValue().atMillis > each.windowMillis));
        }
        if (into.size() < MAX || into.containsKey(key)) {
            into.put(key, answer);
        }
    }

    /** A value of an answer as a condition sees it. */
    static AnswerCondition.Seen seen(Source source, String name, Answer answer, AnswerValues keyed) {
        Fact fact = answer.facts.get(name);
        return new AnswerCondition.Seen() {
            @Override
            public boolean isPresent() {
                return fact != null;
            }

            @Override
            public @Nullable BigDecimal number() {
                return fact == null ? null : fact.number;
            }

            @Override
            public boolean isNumber() {
                return fact != null && fact.isNumber;
            }

            @Override
            public boolean is(JsonValue scalar) {
                if (fact == null) {
                    return false;
                } else if (fact.number != null) {
                    BigDecimal other = scalar instanceof JsonNumber given ? AnswerCondition.exactly(given) : null;
                    return other != null && fact.number.compareTo(other) == 0;
                }
                Value hash = AnswerValues.hash(scalar);
                return !hash.equals(Value.ABSENT)
                        && fact.hash == keyed.hash(new AnswerValues.Named(source.operation, name, hash));
            }
        };
    }

    /** The sources of a policy's rules, each once, with the values that some of them looks at. */
    public static List<Watched> watched(List<RuleMonitor> rules) {
        Map<Source, Watched> all = new LinkedHashMap<>();
        for (RuleMonitor monitor : rules) {
            if (monitor instanceof Answered.Monitor answered) {
                Answered rule = answered.rule();
                Watched one = new Watched(
                        rule.source(),
                        answered.answered(),
                        List.copyOf(new TreeSet<>(rule.names())),
                        rule.within().millis());
                all.merge(rule.source(), one, KeptAnswers::both);
            }
        }
        return List.copyOf(all.values());
    }

    private static Watched both(Watched one, Watched other) {
        Set<String> names = new TreeSet<>(one.names);
        names.addAll(other.names);
        return new Watched(one.source, one.key, List.copyOf(names), Math.max(one.windowMillis, other.windowMillis));
    }
}
