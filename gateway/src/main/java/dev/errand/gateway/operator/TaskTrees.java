package dev.errand.gateway.operator;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.provenance.log.LogReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What this replica's log tells of a task: human, chain, instructions and every call in order. Blocks on the disk. */
record TaskTrees(Path log) {
    private static final List<String> CALL = List.of(
            "decision",
            "time",
            "outcome",
            "code",
            "step",
            "operation",
            "resource",
            "args_hash",
            "agents",
            "holder",
            "instruction",
            "budgets",
            "state_before",
            "state_after");

    /** The first decision of the task. */
    Optional<JsonObject> first(String task) throws IOException {
        return decisions(new LogReader(log).task(task)).stream().findFirst();
    }

    private static List<JsonObject> decisions(List<LogReader.Entry> entries) {
        return entries.stream()
                .map(LogReader.Entry::json)
                .filter(json -> "decision".equals(json.string("kind")))
                .toList();
    }

    /** Empty if this replica's log has nothing of the task. */
    Optional<Page> find(String task) throws IOException {
        List<LogReader.Entry> entries = new LogReader(log).task(task);
        if (entries.isEmpty()) {
            return Optional.empty();
        }
        Map<String, JsonObject> outcomes = new LinkedHashMap<>();
        List<JsonValue> changes = new ArrayList<>();
        for (LogReader.Entry entry : entries) {
            String kind = entry.json().string("kind");
            if ("outcome".equals(kind)) {
                outcomes.put(String.valueOf(entry.json().string("decision")), entry.json());
            } else if ("operator".equals(kind)) {
                changes.add(entry.json());
            }
        }
        Map<String, JsonValue> members = new LinkedHashMap<>();
        StringBuilder text = new StringBuilder("task ").append(task).append('\n');
        List<JsonObject> decisions = decisions(entries);
        if (!decisions.isEmpty()) {
            JsonObject first = decisions.get(0);
            JsonObject last = decisions.get(decisions.size() - 1);
            for (String name : List.of("task", "template", "revision", "human", "instruction")) {
                members.put(name, value(first, name));
            }
            members.put("budgets", value(last, "budgets"));
            JsonObject human = first.object("human");
            text.append("template ").append(first.string("template")).append('\n');
            text.append("human ")
                    .append(human == null ? "unknown" : human.string("sub") + " at " + human.string("iss"));
            text.append('\n');
        }
        List<JsonValue> calls = new ArrayList<>();
        for (LogReader.Entry entry : entries) {
            if ("decision".equals(entry.json().string("kind"))) {
                JsonObject outcome = outcomes.get(String.valueOf(entry.json().string("decision")));
                calls.add(call(entry, outcome));
                text.append(line(entry.json(), outcome));
            }
        }
        members.put("calls", new JsonArray(calls));
        members.put("operator", new JsonArray(changes));
        for (JsonValue change : changes) {
            JsonObject one = (JsonObject) change;
            text.append(one.string("time")).append("  operator ").append(one.string("action"));
            text.append(": ").append(one.string("detail")).append('\n');
        }
        return Optional.of(new Page(new JsonObject(members), text.toString()));
    }

    private static JsonValue call(LogReader.Entry entry, @org.jspecify.annotations.Nullable JsonObject outcome) {
        Map<String, JsonValue> call = new LinkedHashMap<>();
        call.put("index", JsonNumber.of(entry.index()));
        CALL.forEach(name -> call.put(name, value(entry.json(), name)));
        for (String name : List.of("upstream_status", "duration_ms", "compensated")) {
            call.put(name, outcome == null ? JsonNull.NULL : value(outcome, name));
        }
        return new JsonObject(call);
    }

    private static String line(JsonObject record, @org.jspecify.annotations.Nullable JsonObject outcome) {
        int depth = record.get("agents") instanceof JsonArray agents
                ? agents.values().size()
                : 0;
        String who = record.get("agents") instanceof JsonArray agents
                        && !agents.values().isEmpty()
                        && agents.values().get(agents.values().size() - 1) instanceof JsonObject leaf
                ? leaf.string("sub") == null ? leaf.string("jkt") : leaf.string("sub")
                : "unverified";
        String resource = record.get("resource") instanceof JsonArray list
                ? String.join(
                        ", ",
                        list.values().stream()
                                .map(value -> value instanceof JsonString s ? s.value() : "")
                                .toList())
                : "";
        String status = outcome != null && outcome.get("upstream_status") instanceof JsonNumber number
                ? " -> " + number.text()
                : "";
        String code = record.string("code");
        return record.string("time") + "  " + "  ".repeat(Math.max(0, depth - 1)) + who + "  "
                + record.string("operation") + "  " + resource + "  " + record.string("outcome")
                + (code == null ? "" : " " + code) + status + "  " + record.string("decision") + "\n";
    }

    private static JsonValue value(JsonObject object, String name) {
        JsonValue value = object.get(name);
        return value == null ? JsonNull.NULL : value;
    }
}
