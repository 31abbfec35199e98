package dev.errand.sequence.rule;

import dev.errand.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The compiled {@link Returned}. It has no state. For each different element of the argument (at most
 * {@value AnswerValues#MAX}) and each operation under {@code from} it costs one SHA-256 and one walk over the values of
 * the task. The rule needs the outcome of every call of an operation under {@code from}.
 *
 * @param sources the symbols of the operations under {@code from}, with the names of their values
 * @param targets the symbols of the operations under {@code to}, with their arguments
 */
record ReturnedMonitor(
        Returned rule, Map<Integer, AnswerValues.Source> sources, Map<Integer, AnswerValues.Source> targets)
        implements RuleMonitor {
    static ReturnedMonitor of(Returned rule, Vocabulary vocabulary) {
        return new ReturnedMonitor(rule, named(rule.from(), vocabulary), named(rule.to(), vocabulary));
    }

    private static Map<Integer, AnswerValues.Source> named(Map<String, String> names, Vocabulary vocabulary) {
        Map<Integer, AnswerValues.Source> named = new LinkedHashMap<>();
        names.forEach(
                (operation, name) -> named.put(vocabulary.symbol(operation), new AnswerValues.Source(operation, name)));
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
        AnswerValues.Source target = targets.get(pair.place().symbol());
        if (target == null) {
            return null;
        }
        String argument = target.name();
        JsonValue value = pair.arguments().get(argument);
        if (value != null && task.answers().gave(value, pair.isText().test(argument), sources.values(), false)) {
            return null;
        }
        boolean waits = value != null
                && AnswerValues.isBounded(value)
                && task.isAnswering(place -> sources.containsKey(place.symbol()));
        String wanted = rule.wanted(target.operation()) + " (rule at " + rule.position() + ")";
        return new Breach(waits, waits ? wanted + Breach.UNANSWERED : wanted, List.of(target.operation()));
    }
}
