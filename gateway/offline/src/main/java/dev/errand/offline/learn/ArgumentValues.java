package dev.errand.offline.learn;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.ParameterValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The values of one argument over many runs: as they were sent, and with parameters in place of the runs' values. Not thread-safe. */
final class ArgumentValues {
    private static final int MAX_KEPT = 4_096;

    private final Map<String, Seen> literal = new LinkedHashMap<>();
    private final Map<String, Seen> general = new LinkedHashMap<>();
    private @Nullable Set<String> lists;
    private int calls;
    private boolean byParameter;
    private boolean unwritable;

    /** One value: the run in which it first came, and whether it came in another run too. */
    private static final class Seen {
        private final JsonValue value;
        private final int run;
        private boolean again;

        Seen(JsonValue value, int run) {
            this.value = value;
            this.run = run;
        }
    }

    /** @param run the number of the run; the values of one run are added one after the other */
    void add(JsonValue value, int run, Map<String, ParameterValue> parameters) {
        calls++;
        JsonValue form = value;
        Set<String> holding = new TreeSet<>();
        if (value instanceof JsonString text) {
            form = new JsonString(GrantLearner.bySegments(text.value(), parameters));
            parameters.forEach((name, given) -> {
                if (given.list() && given.values().contains(text.value())) {
                    holding.add(name);
                }
            });
            unwritable |= text.value().matches("(?s).*\\{[A-Za-z][A-Za-z0-9_-]*\\}.*");
        }
        unwritable |= value instanceof JsonObject || (value instanceof JsonArray list && !isFlat(list));
        byParameter |= !form.equals(value) || !holding.isEmpty();
        if (lists == null) {
            lists = holding;
        } else {
            lists.retainAll(holding);
        }
        note(literal, value, run);
        note(general, form, run);
    }

    private static boolean isFlat(JsonArray list) {
        return list.values().stream().noneMatch(each -> each instanceof JsonObject || each instanceof JsonArray);
    }

    private static void note(Map<String, Seen> values, JsonValue value, int run) {
        String key = Jcs.canonical(value);
        Seen seen = values.get(key);
        if (seen != null) {
            seen.again |= seen.run != run;
        } else if (values.size() <= MAX_KEPT) {
            values.put(key, new Seen(value, run));
        }
    }

    int calls() {
        return calls;
    }

    /** Whether no two runs had a value in common, and no parameter gave one. */
    boolean isAnotherInEveryRun() {
        return !byParameter
                && literal.values().stream().noneMatch(seen -> seen.again)
                && literal.values().stream()
                                .mapToInt(seen -> seen.run)
                                .distinct()
                                .count()
                        > 1;
    }

    /**
     * A constraint to a parameter, or to few values that each came in several runs; null if there is none.
     *
     * @param enough whether there are enough calls to assume that no other values will come
     */
    @Nullable JsonObject constraint(boolean enough) {
        if (unwritable) {
            return null;
        }
        if (lists != null && !lists.isEmpty()) {
            return new JsonObject(Map.of(
                    "constraint_type", new JsonString("one_of"),
                    "values", new JsonString("{" + lists.iterator().next() + "}")));
        }
        JsonObject byParameters = byParameter && general.size() == 1 ? listed(general) : null;
        if (byParameters != null || !enough) {
            return byParameters;
        }
        JsonObject literally = listed(literal);
        return literally == null ? listed(general) : literally;
    }

    private static @Nullable JsonObject listed(Map<String, Seen> values) {
        if (values.size() > GrantLearner.MAX_LISTED || values.values().stream().anyMatch(seen -> !seen.again)) {
            return null;
        }
        List<JsonValue> all = values.values().stream().map(seen -> seen.value).toList();
        return WriteLearner.oneOf(all);
    }
}
