package dev.errand.operator;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.limit.Bandwidth;
import dev.errand.template.CallLimits;
import dev.errand.template.Template;
import dev.errand.token.ParameterValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes what a template grants a task, and the limits that it sets. Pure. */
final class TaskBoundsTold {
    private TaskBoundsTold() {}

    /** The operations and the constraints on their arguments, with the task's parameters filled in; null if these do not fit. */
    static JsonValue granted(Template template, Map<String, ParameterValue> parameters) {
        return template.refusesParameters(parameters) == null ? template.tools(parameters) : JsonNull.NULL;
    }

    /** The limits, under the names that budgets have in records. */
    static JsonObject limits(Template template) {
        CallLimits limits = template.limits();
        Map<String, JsonValue> buckets = new LinkedHashMap<>();
        if (!limits.task().isEmpty()) {
            buckets.put("task", buckets(limits.task()));
        }
        new TreeMap<>(limits.operations()).forEach((operation, each) -> buckets.put("op:" + operation, buckets(each)));
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("calls", limits.calls() == null ? JsonNull.NULL : JsonNumber.of(limits.calls()));
        members.put("buckets", new JsonObject(buckets));
        members.put("description", JsonMembers.text(template.description()));
        return new JsonObject(members);
    }

    private static JsonArray buckets(List<Bandwidth> all) {
        return new JsonArray(all.stream()
                .map(each -> (JsonValue) new JsonObject(Map.of(
                        "capacity", JsonNumber.of(each.capacity()),
                        "period_ms", JsonNumber.of(each.period().toMillis()),
                        "observe", new JsonBoolean(each.observe()))))
                .toList());
    }
}
