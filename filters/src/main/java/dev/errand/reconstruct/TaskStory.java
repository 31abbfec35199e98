package dev.errand.reconstruct;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A task's tree told as JSON and as text. Immutable and thread-safe.
 *
 * @param state as the store has it: {@code active}, {@code completed}, {@code interrupted}, {@code expired}; null where the
 *     store was not asked
 */
public record TaskStory(TaskTree tree, @Nullable String state) {
    /** The state: the store's word, else what the records tell, else {@code unknown}. */
    private String standing() {
        if (state != null) {
            return state;
        }
        return tree.ending().map(ending -> ending.string("state")).orElse("unknown");
    }

    /** Everything, in the order of the text. */
    public JsonObject toJson() {
        JsonObject first = tree.first() == null ? new JsonObject(Map.of()) : tree.first();
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("task", new JsonString(tree.task()));
        for (String name : List.of("template", "revision", "human")) {
            members.put(name, CallRecords.member(first, name));
        }
        members.put("state", new JsonString(standing()));
        members.put("ending", tree.ending().map(JsonValue.class::cast).orElse(JsonNull.NULL));
        members.put("instructions", new JsonArray(List.copyOf(tree.instructions())));
        members.put("holders", tree.holders().childrenJson());
        members.put("used", used());
        members.put("left", left());
        members.put(
                "calls",
                new JsonArray(tree.calls().stream()
                        .map(call -> (JsonValue) call.toJson())
                        .toList()));
        members.put("endings", new JsonArray(List.copyOf(tree.endings())));
        members.put("operator", new JsonArray(List.copyOf(tree.changes())));
        return new JsonObject(members);
    }

    private JsonObject used() {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        tree.used().forEach((name, count) -> members.put(name, JsonNumber.of(count)));
        return new JsonObject(members);
    }

    /** What the last call left. */
    private JsonValue left() {
        List<CallRecords> calls = tree.calls();
        return calls.isEmpty()
                ? JsonNull.NULL
                : CallRecords.member(calls.get(calls.size() - 1).decision(), "budgets");
    }

    /** For people: the head, the holders, then one line a call. */
    public String toText() {
        StringBuilder text = new StringBuilder("task ").append(tree.task()).append('\n');
        JsonObject first = tree.first();
        if (first != null) {
            text.append("template ").append(first.string("template"));
            text.append(" revision ").append(first.string("revision")).append('\n');
            JsonObject human = first.object("human");
            text.append("human ")
                    .append(human == null ? "unknown" : human.string("sub") + " at " + human.string("iss"))
                    .append('\n');
        }
        text.append("state ").append(standing()).append('\n');
        for (JsonObject ending : tree.endings()) {
            text.append(ending.string("token") == null ? "task " : "token ")
                    .append(ending.string("state"))
                    .append(" at ")
                    .append(ending.string("time"))
                    .append(" by ")
                    .append(ending.string("by"))
                    .append(ending.string("decision") == null ? "" : ", decision " + ending.string("decision"))
                    .append(": ")
                    .append(ending.string("why"))
                    .append('\n');
        }
        for (JsonObject instruction : tree.instructions()) {
            text.append("instruction ").append(instruction.string("source"));
            String ref = instruction.string("ref");
            text.append(ref == null ? "" : " " + ref).append(", ").append(instruction.string("integrity"));
            text.append('\n');
        }
        text.append("holders\n");
        tree.holders().write(text, 0);
        text.append("used");
        tree.used()
                .forEach((name, count) ->
                        text.append(' ').append(name).append(' ').append(count));
        text.append('\n');
        text.append("calls\n");
        for (CallRecords call : tree.calls()) {
            text.append("  ").append(call.toText()).append('\n');
        }
        for (JsonObject change : tree.changes()) {
            text.append("operator ").append(change.string("time")).append(' ').append(change.string("action"));
            text.append(": ").append(change.string("detail")).append('\n');
        }
        return text.toString();
    }
}
