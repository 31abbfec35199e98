package dev.errand.proof;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.ParameterValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A run of a task: calls in their order, each answered before the next. Immutable.
 *
 * @param template the name of the task's template
 * @param parameters of the task
 * @param pinned the values that the start gives to pinned arguments, by operation and argument
 */
public record Run(
        String template,
        Map<String, ParameterValue> parameters,
        Map<String, Map<String, List<JsonValue>>> pinned,
        List<Call> calls) {
    public Run {
        parameters = Map.copyOf(parameters);
        pinned = Map.copyOf(pinned);
        calls = List.copyOf(calls);
    }

    /**
     * One call.
     *
     * @param arguments with the resource
     * @param happened whether the upstream answers below 400
     * @param approved whether a human let it pass
     * @param waitMillis the time since the call before
     * @param returns values of the answer by the name that the catalogue gives them
     * @param refused whether the template refuses it
     */
    public record Call(
            String operation,
            JsonObject arguments,
            boolean happened,
            boolean approved,
            long waitMillis,
            Map<String, List<JsonValue>> returns,
            boolean refused) {
        /** The resource; empty if the call has none. */
        public String resource() {
            return arguments.get("resource") instanceof JsonString text ? text.value() : "";
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder(operation);
            if (!resource().isEmpty()) {
                text.append(" on ").append(resource());
            }
            List<String> others = new ArrayList<>();
            arguments.members().forEach((name, value) -> {
                if (!name.equals("resource")) {
                    others.add(
                            name + ": " + (value instanceof JsonString plain ? plain.value() : Jcs.canonical(value)));
                }
            });
            if (!others.isEmpty()) {
                text.append(others.stream().collect(Collectors.joining(", ", " {", "}")));
            }
            String status = happened ? "200" : "500";
            return text.append(refused ? "" : approved ? " (approved, " + status + ")" : " (" + status + ")")
                    .toString();
        }
    }

    /** The calls with their numbers, in one line. */
    @Override
    public String toString() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < calls.size(); i++) {
            all.add((i + 1) + ". " + calls.get(i));
        }
        return String.join(", ", all);
    }
}
