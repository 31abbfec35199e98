package dev.errand.task.template;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.task.approval.AlwaysAsked;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a task may do, but for its parameters: the AAT {@code tools} of the root with {@code {parameter}} in their
 * strings. Immutable and thread-safe.
 *
 * @param parameters the parameters by name
 * @param tools argument maps by operation id, in AAT-02 form, constraints of {@code catalogue:*} spread over its ids
 * @param always the operations that are asked about at every call
 */
public record GrantTemplate(
        Map<String, ParameterPattern> parameters, Map<String, JsonObject> tools, AlwaysAsked always) {
    static final Pattern PLACEHOLDER = Pattern.compile("\\{([A-Za-z][A-Za-z0-9_-]*)\\}");

    public GrantTemplate {
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        tools = Collections.unmodifiableMap(new LinkedHashMap<>(tools));
    }

    /**
     * The {@code tools} of a root with these parameters, which must be the template's own, each on its pattern. What a
     * value contains is never replaced again.
     */
    public JsonObject fill(Map<String, String> values) {
        Map<String, JsonValue> filled = new LinkedHashMap<>();
        tools.forEach((tool, arguments) -> filled.put(tool, fill(arguments, values)));
        return new JsonObject(filled);
    }

    /** Whether each of the template's own parameters is among these, on its pattern; there may be others. */
    public boolean areFilledBy(Map<String, String> values) {
        return parameters.entrySet().stream().allMatch(expected -> {
            String value = values.get(expected.getKey());
            return value != null && expected.getValue().matches(value);
        });
    }

    private static JsonValue fill(JsonValue value, Map<String, String> values) {
        if (value instanceof JsonString string) {
            return new JsonString(PLACEHOLDER.matcher(string.value()).replaceAll(match -> {
                String given = values.get(match.group(1));
                return Matcher.quoteReplacement(given == null ? match.group() : given);
            }));
        } else if (value instanceof JsonArray array) {
            return new JsonArray(
                    array.values().stream().map(each -> fill(each, values)).toList());
        } else if (value instanceof JsonObject object) {
            Map<String, JsonValue> members = new LinkedHashMap<>();
            object.members().forEach((name, member) -> members.put(name, fill(member, values)));
            return new JsonObject(members);
        }
        return value;
    }
}
