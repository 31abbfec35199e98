package dev.errand.offline.learn;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.offline.replay.RecordedCall;
import dev.errand.offline.replay.RecordedTask;
import dev.errand.offline.replay.TaskParameters;
import dev.errand.template.GrantTemplate;
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
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Learns the smallest grants that permit recorded calls: for each operation exactly its resources, written with the template's
 * parameters where the tasks' values allow. Where the record lacks values (other arguments, resources that were cut), the
 * grant stays as it was. Used once; not thread-safe.
 */
public final class GrantLearner {
    /** More resources than these are not listed one by one. */
    static final int MAX_LISTED = 32;

    /** The most resources of an operation that are kept. If there are more, none of them is written. */
    private static final int MAX_KEPT = 4_096;

    private static final Pattern PLACEHOLDER = Pattern.compile(".*\\{[A-Za-z][A-Za-z0-9_-]*\\}.*", Pattern.DOTALL);
    private static final JsonObject WILDCARD = new JsonObject(Map.of("constraint_type", new JsonString("wildcard")));
    private static final JsonObject ANYTHING =
            new JsonObject(Map.of("constraint_type", new JsonString("wildcard"), "optional", new JsonBoolean(true)));

    private final @Nullable GrantTemplate granted;
    private final SortedMap<String, Seen> seen = new TreeMap<>();

    /**
     * @param granted what was granted, or null if that is not known
     */
    public GrantLearner(List<RecordedTask> tasks, @Nullable GrantTemplate granted) {
        this.granted = granted;
        Set<String> recorded = recorded(tasks);
        for (RecordedTask task : tasks) {
            Map<String, ParameterValue> parameters =
                    granted == null ? only(recorded, task) : TaskParameters.of(granted, task);
            for (RecordedCall call : task.permitted()) {
                for (RecordedCall.Pair pair : call.pairs()) {
                    seen.computeIfAbsent(pair.operation(), id -> new Seen())
                            .add(pair, call.argumentsKnown(), general(pair, parameters));
                }
            }
        }
    }

    /** The parameters that every task has by the record of its start. */
    static Set<String> recorded(List<RecordedTask> tasks) {
        Set<String> names = null;
        for (RecordedTask task : tasks) {
            Map<String, ParameterValue> parameters = task.parameters();
            Set<String> of = parameters == null ? Set.of() : parameters.keySet();
            if (names == null) {
                names = new TreeSet<>(of);
            } else {
                names.retainAll(of);
            }
        }
        return names == null ? Set.of() : names;
    }

    private static Map<String, ParameterValue> only(Set<String> names, RecordedTask task) {
        Map<String, ParameterValue> parameters = task.parameters();
        if (parameters == null) {
            return Map.of();
        }
        Map<String, ParameterValue> kept = new LinkedHashMap<>(parameters);
        kept.keySet().retainAll(names);
        return kept;
    }

    /** The recorded calls of one operation so far. */
    private static final class Seen {
        private final SortedSet<String> resources = new TreeSet<>();
        private final SortedSet<String> literal = new TreeSet<>();
        private final SortedSet<String> names = new TreeSet<>();
        private boolean argumentsKnown = true;
        private boolean expressible = true;
        private int calls;

        void add(RecordedCall.Pair pair, boolean known, @Nullable String general) {
            calls++;
            argumentsKnown &= known;
            names.addAll(pair.arguments().members().keySet());
            expressible &= general != null && (known || !pair.isCut());
            if (literal.size() < MAX_KEPT) {
                literal.add(pair.resource());
            }
            if (resources.size() <= MAX_LISTED) {
                resources.add(general == null ? pair.resource() : general);
            }
        }
    }

    /**
     * A grant.
     *
     * @param arguments in AAT form, with parameters
     * @param evidence in a few words: what was seen
     */
    public record Grant(JsonObject arguments, String evidence) {}

    /** The grants by operation. */
    public SortedMap<String, Grant> grants() {
        SortedMap<String, Grant> grants = new TreeMap<>();
        seen.forEach((operation, one) -> grants.put(
                operation,
                new Grant(
                        arguments(operation, one),
                        one.calls
                                + (one.calls == 1 ? " call, " : " calls, ")
                                + one.literal.size()
                                + (one.literal.size() == 1 ? " resource" : " resources")
                                + (one.argumentsKnown ? "" : "; arguments beside it are not in the record"))));
        return grants;
    }

    private JsonObject arguments(String operation, Seen one) {
        JsonObject before = granted == null ? null : granted.tools().get(operation);
        boolean own = operation.contains(":tools.call/");
        if (own) {
            return before == null ? JsonObject.EMPTY : before;
        }
        Map<String, JsonValue> arguments = new LinkedHashMap<>();
        JsonObject resource = resource(one, before == null ? null : before.object("resource"));
        if (resource != null) {
            arguments.put("resource", resource);
        }
        boolean open = before == null ? !one.argumentsKnown : before.members().isEmpty() || before.get("*") != null;
        if (one.argumentsKnown) {
            // Constraints on arguments that no call had are left out: no call needed them.
            one.names.forEach(name -> {
                JsonValue constraint = before == null ? null : before.get(name);
                arguments.putIfAbsent(name, constraint == null ? ANYTHING : constraint);
            });
        } else if (before != null) {
            before.members().forEach(arguments::putIfAbsent);
        }
        if (open) {
            arguments.put("*", WILDCARD);
        }
        return new JsonObject(arguments);
    }

    /** The constraint on the resource; if none can be written, the one before. */
    private static @Nullable JsonObject resource(Seen one, @Nullable JsonObject before) {
        if (!one.expressible || one.resources.size() > MAX_LISTED) {
            return before == null ? WILDCARD : before;
        }
        List<JsonValue> values =
                one.resources.stream().<JsonValue>map(JsonString::new).toList();
        return values.size() == 1
                ? new JsonObject(Map.of("constraint_type", new JsonString("exact"), "value", values.get(0)))
                : new JsonObject(Map.of("constraint_type", new JsonString("one_of"), "values", new JsonArray(values)));
    }

    /** The resource written with the template's parameters; null if a template cannot write it. */
    private @Nullable String general(RecordedCall.Pair pair, Map<String, ParameterValue> parameters) {
        if (pair.resource().indexOf('{') >= 0
                && PLACEHOLDER.matcher(pair.resource()).matches()) {
            return null;
        }
        JsonObject tool = granted == null ? null : granted.tools().get(pair.operation());
        JsonObject constraint = tool == null ? null : tool.object("resource");
        List<String> written = new ArrayList<>();
        collect(constraint, written);
        for (String text : written) {
            String filled = fill(text, parameters);
            if (pair.resource().equals(filled)) {
                return text;
            } else if (pair.resource().startsWith(filled + "/")) {
                return text + pair.resource().substring(filled.length());
            }
        }
        String type = constraint == null ? "wildcard" : constraint.string("constraint_type");
        return "wildcard".equals(type) ? bySegments(pair.resource(), parameters) : pair.resource();
    }

    private static void collect(@Nullable JsonObject constraint, List<String> written) {
        if (constraint == null) {
            return;
        }
        for (String member : List.of("value", "root")) {
            String text = constraint.string(member);
            if (text != null) {
                written.add(text);
            }
        }
        for (String member : List.of("values", "constraints")) {
            if (constraint.get(member) instanceof JsonArray list) {
                for (JsonValue each : list.values()) {
                    if (each instanceof JsonString text) {
                        written.add(text.value());
                    } else if (each instanceof JsonObject inner) {
                        collect(inner, written);
                    }
                }
            }
        }
    }

    private static String fill(String text, Map<String, ParameterValue> parameters) {
        String filled = text;
        for (var parameter : parameters.entrySet()) {
            filled = filled.replace(
                    "{" + parameter.getKey() + "}", parameter.getValue().text());
        }
        return filled;
    }

    static String bySegments(String resource, Map<String, ParameterValue> parameters) {
        String[] segments = resource.split("/", -1);
        for (int i = 0; i < segments.length; i++) {
            for (var parameter : parameters.entrySet()) {
                ParameterValue value = parameter.getValue();
                if (!value.list() && segments[i].equals(value.text())) {
                    segments[i] = "{" + parameter.getKey() + "}";
                }
            }
        }
        return String.join("/", segments);
    }
}
