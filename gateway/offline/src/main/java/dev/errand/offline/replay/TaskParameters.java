package dev.errand.offline.replay;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.template.GrantTemplate;
import dev.errand.template.ParameterPattern;
import dev.errand.token.ParameterValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a task, from the record of its start. If no given log has that record, as for a task of another
 * anchor, they are inferred from permitted calls: if {@code exact: "staging/{service}"} permitted a call on
 * {@code staging/payments}, the service was {@code payments}. If calls disagree, the value of most calls counts, the earliest
 * among equals.
 */
public final class TaskParameters {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([A-Za-z][A-Za-z0-9_-]*)\\}");

    private TaskParameters() {}

    /** The recorded parameters and those that can be inferred; a parameter that no permitted call shows is missing. */
    public static Map<String, ParameterValue> of(GrantTemplate grants, RecordedTask task) {
        Map<String, ParameterValue> recorded = task.parameters();
        if (recorded != null
                && recorded.keySet().containsAll(grants.parameters().keySet())) {
            return declared(grants, recorded);
        }
        Map<String, ParameterValue> told = told(grants, task.permitted());
        told.putAll(declared(grants, recorded == null ? Map.of() : recorded));
        return told;
    }

    private static Map<String, ParameterValue> declared(GrantTemplate grants, Map<String, ParameterValue> recorded) {
        Map<String, ParameterValue> declared = new LinkedHashMap<>(recorded);
        declared.keySet().retainAll(grants.parameters().keySet());
        return declared;
    }

    private static Map<String, ParameterValue> told(GrantTemplate grants, List<RecordedCall> permitted) {
        Map<String, Map<String, Integer>> votes = new HashMap<>();
        Map<String, List<Shape>> shapes = new HashMap<>();
        for (RecordedCall call : permitted) {
            for (RecordedCall.Pair pair : call.pairs()) {
                for (Shape shape : shapes.computeIfAbsent(pair.operation(), id -> shapes(grants, id))) {
                    shape.values(pair.resource(), grants.parameters())
                            .forEach((name, value) -> votes.computeIfAbsent(name, n -> new LinkedHashMap<>())
                                    .merge(value, 1, Integer::sum));
                }
            }
        }
        Map<String, ParameterValue> values = new LinkedHashMap<>();
        votes.forEach((name, counts) -> {
            int most =
                    counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
            counts.entrySet().stream()
                    .filter(count -> count.getValue() == most)
                    .findFirst()
                    .ifPresent(count -> values.put(name, ParameterValue.of(count.getKey())));
        });
        return values;
    }

    /** Whether the operation's resource constraint admits the resource with some values of the parameters. */
    static boolean couldAdmit(GrantTemplate grants, RecordedCall.Pair pair) {
        JsonObject tool = grants.tools().get(pair.operation());
        JsonObject constraint = tool == null ? null : tool.object("resource");
        String type = constraint == null ? null : constraint.string("constraint_type");
        if (!"exact".equals(type) && !"path_containment".equals(type)) {
            return true;
        }
        return shapes(grants, pair.operation()).stream()
                .anyMatch(shape -> shape.matches(pair.resource(), grants.parameters()));
    }

    /** The parameters that the operation's grant names. */
    public static List<String> named(JsonValue grant) {
        List<String> names = new ArrayList<>();
        strings(grant, text -> {
            Matcher found = PLACEHOLDER.matcher(text);
            while (found.find()) {
                names.add(found.group(1));
            }
        });
        return names;
    }

    private static void strings(JsonValue value, java.util.function.Consumer<String> visitor) {
        if (value instanceof JsonString string) {
            visitor.accept(string.value());
        } else if (value instanceof JsonArray array) {
            array.values().forEach(each -> strings(each, visitor));
        } else if (value instanceof JsonObject object) {
            object.members().values().forEach(each -> strings(each, visitor));
        }
    }

    /** The strings with parameters that the operation's resource is compared with. */
    private static List<Shape> shapes(GrantTemplate grants, String operation) {
        JsonObject tool = grants.tools().get(operation);
        List<Shape> shapes = new ArrayList<>();
        shapes(tool == null ? null : tool.object("resource"), shapes);
        return shapes;
    }

    private static void shapes(@Nullable JsonObject constraint, List<Shape> shapes) {
        if (constraint == null) {
            return;
        }
        switch (String.valueOf(constraint.string("constraint_type"))) {
            case "exact" -> shape(constraint.get("value"), false, shapes);
            case "path_containment" -> shape(constraint.get("root"), true, shapes);
            case "one_of" -> {
                if (constraint.get("values") instanceof JsonArray values) {
                    values.values().forEach(value -> shape(value, false, shapes));
                }
            }
            case "all", "any" -> {
                if (constraint.get("constraints") instanceof JsonArray inner) {
                    inner.values().forEach(each -> shapes(each instanceof JsonObject one ? one : null, shapes));
                }
            }
            default -> {
                // The other constraints compare no whole string that has a parameter in it.
            }
        }
    }

    private static void shape(@Nullable JsonValue text, boolean containment, List<Shape> shapes) {
        if (text instanceof JsonString string) {
            shapes.add(Shape.of(string.value(), containment));
        }
    }

    /** A string with parameters, as a pattern of the strings that it may become. */
    private record Shape(Pattern pattern, List<String> names) {
        static Shape of(String text, boolean containment) {
            List<String> names = new ArrayList<>();
            StringBuilder expression = new StringBuilder();
            Matcher found = PLACEHOLDER.matcher(text);
            int at = 0;
            while (found.find()) {
                expression.append(Pattern.quote(text.substring(at, found.start())));
                expression.append("([^/]{1,128})");
                names.add(found.group(1));
                at = found.end();
            }
            expression.append(Pattern.quote(text.substring(at))).append(containment ? "(?:/.*)?" : "");
            return new Shape(Pattern.compile(expression.toString(), Pattern.DOTALL), names);
        }

        Map<String, String> values(String resource, Map<String, ParameterPattern> patterns) {
            Matcher match = pattern.matcher(resource);
            Map<String, String> values = new LinkedHashMap<>();
            if (!match.matches()) {
                return values;
            }
            for (int i = 0; i < names.size(); i++) {
                String value = match.group(i + 1);
                ParameterPattern allowed = patterns.get(names.get(i));
                String earlier = values.putIfAbsent(names.get(i), value);
                if (allowed == null || !allowed.matches(value) || (earlier != null && !earlier.equals(value))) {
                    return Map.of();
                }
            }
            return values;
        }

        boolean matches(String resource, Map<String, ParameterPattern> patterns) {
            return names.isEmpty()
                    ? pattern.matcher(resource).matches()
                    : !values(resource, patterns).isEmpty();
        }
    }
}
