package dev.errand.offline.learn;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.AnswerCondition;
import dev.errand.operation.AnswerCondition.Demand;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What one value had in common in all answers before some calls, by itself and beside each argument of these calls. */
final class LearnedCondition {
    private static final int MAX_VALUES = 8;
    private static final int MAX_ARGUMENTS = 16;
    private static final int LEAST_OF_EACH = 2;

    private final SortedMap<String, Beside> arguments = new TreeMap<>();
    private final Map<JsonValue, Integer> values = new HashMap<>();

    /** How the value stood beside one argument: in all calls, except that it equalled it in one for {@code reached}. */
    private static final class Beside {
        private boolean same = true;
        private boolean least = true;
        private boolean most = true;
        private boolean reached;
    }

    /**
     * @param first the arguments of the first call
     * @param same the argument that chose the answer: the value is not compared with it
     */
    LearnedCondition(JsonObject first, String same) {
        first.members().keySet().stream()
                .filter(name -> !name.equals(same))
                .limit(MAX_ARGUMENTS)
                .forEach(name -> arguments.put(name, new Beside()));
    }

    /** Takes the value before one more call. Returns whether all calls so far have something in common. */
    boolean hold(JsonValue value, JsonObject call, Predicate<String> isText) {
        if (values.size() <= MAX_VALUES) {
            values.merge(value, 1, Integer::sum);
        }
        AnswerCondition.Seen seen = AnswerCondition.of(value);
        arguments.forEach((name, beside) -> {
            List<JsonValue> scalars = scalars(call.get(name), isText.test(name));
            boolean least = holds(new Demand.Bound(true, null, name), seen, scalars);
            boolean most = holds(new Demand.Bound(false, null, name), seen, scalars);
            beside.same &= holds(new Demand.Same(name), seen, scalars);
            beside.least &= least;
            beside.most &= most;
            beside.reached |= least && most;
        });
        arguments.values().removeIf(beside -> !(beside.same || beside.least || beside.most));
        return values.size() <= MAX_VALUES || !arguments.isEmpty();
    }

    private static boolean holds(Demand demand, AnswerCondition.Seen seen, List<JsonValue> scalars) {
        return new AnswerCondition(List.of(demand)).missed(seen, name -> scalars) == null;
    }

    private static List<JsonValue> scalars(@Nullable JsonValue value, boolean text) {
        if (value == null || value instanceof JsonObject || value instanceof JsonArray) {
            return List.of();
        }
        JsonNumber spelled = text && value instanceof JsonString string ? Jcs.spelled(string.value()) : null;
        return spelled == null ? List.of(value) : List.of(value, spelled);
    }

    /**
     * The condition as YAML; empty if nothing is in common, or nothing that says something.
     *
     * @param all what any answer said; null among them for an answer without the value
     * @param own the name of the value: an argument of that name is preferred
     */
    String toYaml(Set<JsonValue> all, String own) {
        List<String> parts = new ArrayList<>();
        if (values.size() > 1) {
            compared("equals", own, beside -> beside.same, parts);
            compared("at-least", own, beside -> !beside.same && beside.least && beside.reached, parts);
            compared("at-most", own, beside -> !beside.same && beside.most && beside.reached, parts);
        }
        boolean few = values.size() <= MAX_VALUES
                && !values.containsKey(JsonNull.NULL)
                && values.values().stream().allMatch(count -> count >= LEAST_OF_EACH);
        if (few && !values.keySet().containsAll(all)) {
            List<String> texts = values.keySet().stream()
                    .map(value ->
                            value instanceof JsonString text ? YamlText.string(text.value()) : Jcs.canonical(value))
                    .sorted()
                    .toList();
            parts.add(texts.size() == 1 ? "exact: " + texts.get(0) : "one_of: [" + String.join(", ", texts) + "]");
        }
        // Whether the value was there says something if some other answer had it, or lacked it.
        boolean never = values.keySet().equals(Set.of(JsonNull.NULL));
        boolean always = values.size() <= MAX_VALUES && !values.containsKey(JsonNull.NULL);
        if (parts.isEmpty() && (never ? all.size() > 1 : always && all.contains(JsonNull.NULL))) {
            parts.add("present: " + always);
        }
        return parts.isEmpty() ? "" : "{" + String.join(", ", parts) + "}";
    }

    private void compared(String key, String own, Predicate<Beside> holds, List<String> into) {
        List<String> names = arguments.entrySet().stream()
                .filter(each -> holds.test(each.getValue()))
                .map(Map.Entry::getKey)
                .toList();
        if (!names.isEmpty()) {
            String name = names.contains(own) ? own : names.get(0);
            into.add(key + ": {argument: " + YamlText.string(name) + "}");
        }
    }
}
