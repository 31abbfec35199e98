package dev.errand.sequence.rule;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonString;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The compiled {@link Returned}. It has no state. For each different element of the argument (at most
 * {@value AnswerValues#MAX}) and each operation under {@code from} it costs one SHA-256 and one walk over the values of
 * the task. The rule needs the outcome of every call of an operation under {@code from}.
 *
 * @param sources the symbols of the operations under {@code from}, with the names of their values
 * @param targets the symbols of the operations under {@code to}, with their arguments
 */
record ReturnedMonitor(Returned rule, Map<Integer, AnswerSource> sources, Map<Integer, AnswerSource> targets)
        implements RuleMonitor {
    /** A value of an operation: by its name in the operation's answers, or by the name of an argument. */
    record AnswerSource(String operation, String name) {}

    static ReturnedMonitor of(Returned rule, Vocabulary vocabulary) {
        return new ReturnedMonitor(rule, named(rule.from(), vocabulary), named(rule.to(), vocabulary));
    }

    private static Map<Integer, AnswerSource> named(Map<String, String> names, Vocabulary vocabulary) {
        Map<Integer, AnswerSource> named = new LinkedHashMap<>();
        names.forEach((operation, name) -> named.put(vocabulary.symbol(operation), new AnswerSource(operation, name)));
        return named;
    }

    @Override
    public boolean concerns(int symbol) {
        return sources.containsKey(symbol) || targets.containsKey(symbol);
    }

    @Override
    public boolean countsSent(Tally tally, Place place) {
        return false;
    }

    @Override
    public boolean awaits(Tally tally, Place place) {
        return sources.containsKey(place.symbol());
    }

    /** A call without an answer returned no value, whatever became of it. */
    @Override
    public boolean minds(Tally tally, Place place, Surroundings.Unknown call, long nowMillis) {
        return false;
    }

    @Override
    public @Nullable Breach check(Tally tally, Pair pair, Surroundings task) {
        AnswerSource target = targets.get(pair.place().symbol());
        if (target == null) {
            return null;
        }
        String argument = target.name();
        JsonValue value = pair.arguments().get(argument);
        if (value != null && isReturned(value, pair.isText().test(argument), task.answers())) {
            return null;
        }
        boolean waits =
                value != null && isBounded(value) && task.isAnswering(place -> sources.containsKey(place.symbol()));
        String wanted = rule.wanted(target.operation()) + " (rule at " + rule.position() + ")";
        return new Breach(waits, waits ? wanted + Breach.UNANSWERED : wanted, List.of(target.operation()));
    }

    /** Whether the value was returned; of an array, whether every element was. */
    private boolean isReturned(JsonValue value, boolean text, AnswerValues answers) {
        if (!isBounded(value)) {
            return false;
        }
        if (value instanceof JsonArray array) {
            Set<JsonValue> seen = new HashSet<>();
            return array.values().stream()
                    .allMatch(each -> isScalar(each) && (!seen.add(each) || isScalarReturned(each, text, answers)));
        }
        return isScalarReturned(value, text, answers);
    }

    /** False for an empty array, and for one with more elements than a task can have values. */
    private static boolean isBounded(JsonValue value) {
        return !(value instanceof JsonArray array)
                || (!array.values().isEmpty() && array.values().size() <= AnswerValues.MAX);
    }

    private static boolean isScalar(JsonValue value) {
        return value instanceof JsonString || value instanceof JsonNumber || value instanceof JsonBoolean;
    }

    private boolean isScalarReturned(JsonValue value, boolean text, AnswerValues answers) {
        if (isScalar(value)) {
            if (isKept(value, answers)) {
                return true;
            }
            JsonNumber spelled = text && value instanceof JsonString string ? Jcs.spelled(string.value()) : null;
            return spelled != null && isKept(spelled, answers);
        }
        return false;
    }

    private boolean isKept(JsonValue value, AnswerValues answers) {
        Value hash = AnswerValues.hash(value);
        return !hash.equals(Value.ABSENT)
                && sources.values().stream()
                        .anyMatch(
                                source -> answers.has(new AnswerValues.Named(source.operation(), source.name(), hash)));
    }
}
