package dev.errand.offline.learn;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.offline.replay.RecordedCall;
import dev.errand.offline.replay.RecordedTask;
import dev.errand.template.GrantTemplate;
import dev.errand.template.ParameterPattern;
import dev.errand.token.ParameterValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Constrains the operations that change something, by the arguments that good runs called them with. A constraint is
 * written only if every value that it allows came in at least two runs: a value that came once shows that other values
 * will come. An argument that differs in every run, and equals no parameter, is pinned, since only the human knows it.
 */
final class WriteLearner {
    /** Fewer calls than these are not enough to constrain an argument. */
    static final int LEAST_CALLS = 8;

    private static final JsonObject WILDCARD = new JsonObject(Map.of("constraint_type", new JsonString("wildcard")));

    private final @Nullable GrantTemplate granted;
    private final SortedMap<String, Calls> seen = new TreeMap<>();
    private final Map<String, ParameterPattern> declared;

    /**
     * @param granted what the template grants, or null if that is not known
     * @param constrained selects the operations that are constrained
     */
    WriteLearner(List<RecordedTask> tasks, @Nullable GrantTemplate granted, Predicate<String> constrained) {
        this.granted = granted;
        this.declared = granted == null ? Map.of() : granted.parameters();
        Set<String> recorded = GrantLearner.recorded(tasks);
        int run = 0;
        for (RecordedTask task : tasks) {
            Map<String, ParameterValue> parameters = parameters(task, recorded);
            for (RecordedCall call : task.permitted()) {
                for (RecordedCall.Pair pair : call.pairs()) {
                    if (constrained.test(pair.operation())) {
                        seen.computeIfAbsent(pair.operation(), id -> new Calls())
                                .add(pair, call.argumentsKnown(), run, parameters);
                    }
                }
            }
            run++;
        }
    }

    private Map<String, ParameterValue> parameters(RecordedTask task, Set<String> recorded) {
        Map<String, ParameterValue> parameters = task.parameters();
        if (parameters == null) {
            return Map.of();
        }
        Map<String, ParameterValue> kept = new LinkedHashMap<>(parameters);
        kept.keySet().retainAll(granted == null ? recorded : declared.keySet());
        return kept;
    }

    /**
     * One line of {@code allow}.
     *
     * @param arguments in AAT form, with parameters
     * @param pinned the arguments that a start must fix
     * @param evidence in a few words: what was seen
     */
    record Line(JsonObject arguments, Set<String> pinned, String evidence) {}

    /** The lines by operation, only for operations that were called. */
    SortedMap<String, Line> lines() {
        SortedMap<String, Line> lines = new TreeMap<>();
        seen.forEach((operation, calls) -> lines.put(operation, line(operation, calls)));
        return lines;
    }

    private Line line(String operation, Calls calls) {
        JsonObject before = granted == null ? null : granted.tools().get(operation);
        Set<String> pinnedBefore = granted == null
                ? Set.of()
                : granted.pinned()
                        .byOperation()
                        .getOrDefault(operation, Map.of())
                        .keySet();
        Map<String, JsonValue> arguments = new LinkedHashMap<>();
        SortedSet<String> pinned = new TreeSet<>(pinnedBefore);
        List<String> notes = new ArrayList<>(List.of(calls.count + (calls.count == 1 ? " call" : " calls") + " in "
                + calls.runs + (calls.runs == 1 ? " run" : " runs")));
        calls.arguments.forEach((name, values) -> {
            JsonObject wide = before == null ? null : before.object(name);
            boolean mayBeAbsent =
                    calls.mayLack(values) || (wide != null && new JsonBoolean(true).equals(wide.get("optional")));
            if (wide != null && isClosed(wide)) {
                arguments.put(name, wide);
            } else if (values.isAnotherInEveryRun()) {
                pinned.add(name);
                notes.add(name + " is another in every run: the start fixes it");
                arguments.put(name, wide == null ? optional(WILDCARD, mayBeAbsent) : wide);
            } else {
                JsonObject narrow = values.constraint(calls.count >= LEAST_CALLS);
                JsonObject open = wide == null ? WILDCARD : wide;
                arguments.put(name, optional(narrow == null ? open : narrow, mayBeAbsent));
            }
        });
        if (!calls.known) {
            notes.add("other arguments are not in the record");
        }
        if (before != null) {
            before.members().forEach(arguments::putIfAbsent);
        }
        boolean wasOpen = before == null || before.members().isEmpty() || before.get("*") != null;
        if (wasOpen && !calls.known) {
            arguments.put("*", WILDCARD);
        } else {
            arguments.remove("*");
        }
        return new Line(new JsonObject(arguments), pinned, String.join("; ", notes));
    }

    /** Whether the template's own constraint lists its values: such a constraint is kept. */
    private static boolean isClosed(JsonObject constraint) {
        String type = String.valueOf(constraint.string("constraint_type"));
        return type.equals("exact") || type.equals("one_of");
    }

    private static JsonObject optional(JsonObject constraint, boolean optional) {
        if (!optional) {
            return constraint;
        }
        Map<String, JsonValue> members = new LinkedHashMap<>(constraint.members());
        members.put("optional", new JsonBoolean(true));
        return new JsonObject(members);
    }

    /** The recorded calls of one operation so far. */
    private static final class Calls {
        private final SortedMap<String, ArgumentValues> arguments = new TreeMap<>();
        private boolean known = true;
        private int count;
        private int runs;
        private int lastRun = -1;

        void add(RecordedCall.Pair pair, boolean all, int run, Map<String, ParameterValue> parameters) {
            count++;
            runs += run == lastRun ? 0 : 1;
            lastRun = run;
            known &= all;
            pair.arguments().members().forEach((name, value) -> {
                if (!name.equals("resource") || !pair.isCut()) {
                    arguments.computeIfAbsent(name, n -> new ArgumentValues()).add(value, run, parameters);
                }
            });
        }

        boolean mayLack(ArgumentValues values) {
            return values.calls() < count;
        }
    }

    /** A list of values as a constraint. */
    static JsonObject oneOf(List<JsonValue> values) {
        return values.size() == 1 && !(values.get(0) instanceof JsonArray)
                ? new JsonObject(Map.of("constraint_type", new JsonString("exact"), "value", values.get(0)))
                : new JsonObject(Map.of("constraint_type", new JsonString("one_of"), "values", new JsonArray(values)));
    }
}
