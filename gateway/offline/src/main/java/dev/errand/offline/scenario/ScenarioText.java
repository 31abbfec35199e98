package dev.errand.offline.scenario;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.AnswerPlace;
import dev.errand.operation.Scalars;
import dev.errand.proof.Run;
import dev.errand.template.OperationDirectory;
import dev.errand.token.Sha256;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes a run as a scenario, which {@code errand test} plays to the same end. Pure. */
public record ScenarioText(OperationDirectory operations) {
    /**
     * The scenario of a run.
     *
     * @param why what the run shows; it becomes the file's first line
     */
    public String of(Run run, String why) {
        StringBuilder text = new StringBuilder("# ")
                .append(why.replaceAll("\\p{Cntrl}", " "))
                .append('\n');
        text.append("template: ").append(quoted(run.template())).append('\n');
        if (!run.parameters().isEmpty()) {
            Map<String, JsonValue> parameters = new TreeMap<>();
            run.parameters().forEach((name, value) -> parameters.put(name, value.toJson()));
            text.append("parameters: ").append(flow(new JsonObject(parameters))).append('\n');
        }
        if (!run.pinned().isEmpty()) {
            Map<String, JsonValue> pinned = new TreeMap<>();
            run.pinned().forEach((operation, values) -> {
                Map<String, JsonValue> of = new TreeMap<>();
                values.forEach((name, all) -> of.put(name, new JsonArray(all)));
                pinned.put(operation, new JsonObject(of));
            });
            text.append("pinned: ").append(flow(new JsonObject(pinned))).append('\n');
        }
        text.append("instruction: {source: human, digest: ")
                .append(quoted(Sha256.labelOf(why)))
                .append(", integrity: trusted}\ncalls:\n");
        run.calls().forEach(call -> text.append("  - ").append(call(call)).append('\n'));
        return text.toString();
    }

    private String call(Run.Call call) {
        List<String> members = new ArrayList<>(List.of("call: " + quoted(call.operation())));
        Map<String, JsonValue> others = new LinkedHashMap<>(call.arguments().members());
        if (others.get("resource") instanceof JsonString resource) {
            others.remove("resource");
            members.add("resource: " + quoted(resource.value()));
        }
        if (!others.isEmpty()) {
            members.add("arguments: " + flow(new JsonObject(others)));
        }
        if (call.waitMillis() > 0) {
            members.add("after: " + call.waitMillis() + "ms");
        }
        if (call.approved()) {
            members.add("approve: true");
        }
        if (!call.happened()) {
            members.add("answers: 500");
        } else if (!call.returns().isEmpty()) {
            members.add("answers: {status: 200, body: " + flow(body(call)) + "}");
        }
        return "{" + String.join(", ", members) + "}";
    }

    /** An answer that has the values at the places that the catalogue says. */
    private JsonValue body(Run.Call call) {
        Map<String, AnswerPlace> places = operations
                .find(call.operation())
                .map(operation -> operation.values().returns())
                .orElse(Map.of());
        JsonValue body = JsonObject.EMPTY;
        for (var entry : call.returns().entrySet()) {
            AnswerPlace place = places.get(entry.getKey());
            if (place != null && !entry.getValue().isEmpty()) {
                body = with(body, place.pointer().tokens(), 0, entry.getValue());
            }
        }
        return body;
    }

    private static JsonValue with(JsonValue node, List<String> tokens, int at, List<JsonValue> values) {
        if (at == tokens.size()) {
            return values.get(0);
        }
        String token = tokens.get(at);
        if (token.equals(Scalars.ANY_ITEM)) {
            List<JsonValue> items = new ArrayList<>();
            List<JsonValue> before = node instanceof JsonArray array ? array.values() : List.of();
            for (int i = 0; i < Math.max(before.size(), values.size()); i++) {
                JsonValue item = i < before.size() ? before.get(i) : JsonObject.EMPTY;
                items.add(i < values.size() ? with(item, tokens, at + 1, List.of(values.get(i))) : item);
            }
            return new JsonArray(items);
        }
        Map<String, JsonValue> members =
                new LinkedHashMap<>(node instanceof JsonObject object ? object.members() : Map.of());
        members.put(token, with(members.getOrDefault(token, JsonObject.EMPTY), tokens, at + 1, values));
        return new JsonObject(members);
    }

    /** JSON, which YAML reads in the same way. */
    private static String flow(JsonValue value) {
        return Jcs.canonical(value);
    }

    private static String quoted(String text) {
        return flow(new JsonString(text));
    }
}
