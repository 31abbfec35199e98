package dev.errand.template;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.task.AlwaysAsked;
import dev.errand.task.PinnedArguments;
import dev.errand.token.ParameterValue;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The grant of a task before its parameters are filled in: the AAT {@code tools} of the root, with {@code {parameter}}
 * in their strings. Immutable and thread-safe.
 *
 * @param parameters the parameters by name
 * @param tools argument maps by operation id, in AAT-02 form; those of {@code catalogue:*} are repeated for each of its
 *     ids
 * @param always the operations about whose every call humans are asked
 * @param pinned the arguments that a start must fix
 * @param wide the lines of {@code catalogue:*} that were read without catalogues; they are in none of the others
 */
public record GrantTemplate(
        Map<String, ParameterPattern> parameters,
        Map<String, JsonObject> tools,
        AlwaysAsked always,
        PinnedArguments pinned,
        List<Wide> wide) {
    private static final Pattern PLACEHOLDER = ShorthandValues.PLACEHOLDER;

    public GrantTemplate {
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        tools = Collections.unmodifiableMap(new LinkedHashMap<>(tools));
        wide = List.copyOf(wide);
    }

    /**
     * A line that grants the operations of a catalogue by their effects.
     *
     * @param catalogue the catalogue's name
     * @param effects the effects of the granted operations
     * @param arguments the argument map of each of them
     * @param pinned the arguments that a start must fix, and whether each may be absent
     * @param asked the arguments about whose values humans are asked unless the start fixed them
     */
    public record Wide(
            String catalogue,
            Set<Effect> effects,
            JsonObject arguments,
            Map<String, Boolean> pinned,
            Set<String> asked) {
        public Wide {
            asked = Set.copyOf(asked);
            effects = Set.copyOf(effects);
            pinned = Map.copyOf(pinned);
        }
    }

    /**
     * The same grant with the lines of {@code catalogue:*} spread over the operations of these catalogues, as when a
     * file is loaded with them. A line of a catalogue that no longer exists grants nothing.
     */
    public GrantTemplate spread(OperationDirectory catalogues) {
        if (wide.isEmpty()) {
            return this;
        }
        Map<String, JsonObject> granted = new LinkedHashMap<>(tools);
        Map<String, Map<String, Boolean>> pins = new LinkedHashMap<>(pinned.byOperation());
        Map<String, Set<String>> asked = new LinkedHashMap<>(pinned.asked());
        for (Wide line : wide) {
            for (Operation operation : catalogues.operations(line.catalogue())) {
                boolean more = line.effects().contains(operation.effect())
                        && granted.putIfAbsent(operation.id(), line.arguments()) == null;
                if (more && !line.pinned().isEmpty()) {
                    pins.put(operation.id(), line.pinned());
                }
                if (more && !line.asked().isEmpty()) {
                    asked.put(operation.id(), line.asked());
                }
            }
        }
        return new GrantTemplate(parameters, granted, always, new PinnedArguments(pins, asked), List.of());
    }

    /** The members of a constraint that hold a list of values, for which one list parameter may stand. */
    private static final List<String> LISTS = List.of("values", "excluded", "allowed");

    /**
     * The {@code tools} of a root with these parameters, which must be the template's own and match their patterns. A
     * placeholder inside a value is not replaced again.
     */
    public JsonObject fill(Map<String, ParameterValue> values) {
        JsonMembers filled = new JsonMembers();
        tools.forEach((tool, arguments) -> filled.put(tool, fill(arguments, values)));
        return filled.toJson();
    }

    /** Whether each of the template's own parameters is among these and matches its pattern; others are ignored. */
    public boolean areFilledBy(Map<String, ParameterValue> values) {
        return parameters.entrySet().stream().allMatch(expected -> {
            ParameterValue value = values.get(expected.getKey());
            return value != null && expected.getValue().refuses(value) == null;
        });
    }

    /**
     * These values in the form of the template's own parameters: a text that is given for a list becomes a list of one.
     */
    public Map<String, ParameterValue> normal(Map<String, ParameterValue> values) {
        Map<String, ParameterValue> normal = new HashMap<>(values);
        normal.replaceAll((name, value) -> {
            ParameterPattern pattern = parameters.get(name);
            return pattern == null ? value : pattern.normal(value);
        });
        return normal;
    }

    /** The value with each parameter in its strings replaced. */
    public static JsonValue fill(JsonValue value, Map<String, ParameterValue> values) {
        if (value instanceof JsonString string) {
            return new JsonString(PLACEHOLDER.matcher(string.value()).replaceAll(match -> {
                ParameterValue given = values.get(match.group(1));
                return Matcher.quoteReplacement(given == null ? match.group() : given.text());
            }));
        } else if (value instanceof JsonArray array) {
            return new JsonArray(
                    array.values().stream().map(each -> fill(each, values)).toList());
        } else if (value instanceof JsonObject object) {
            JsonMembers members = new JsonMembers();
            object.members()
                    .forEach((name, member) -> members.put(
                            name,
                            member instanceof JsonString list && LISTS.contains(name)
                                    ? whole(list, values)
                                    : fill(member, values)));
            return members.toJson();
        }
        return value;
    }

    /** All values of a list parameter; if the parameter has no value, a list with the text itself. */
    private static JsonValue whole(JsonString text, Map<String, ParameterValue> values) {
        Matcher name = PLACEHOLDER.matcher(text.value());
        ParameterValue given = name.matches() ? values.get(name.group(1)) : null;
        return given == null ? new JsonArray(List.of(text)) : given.asList().toJson();
    }
}
