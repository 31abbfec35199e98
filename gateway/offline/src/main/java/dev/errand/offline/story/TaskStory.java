package dev.errand.offline.story;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.TextPage;
import dev.errand.log.EndedBy;
import dev.errand.log.RecordFields;
import dev.errand.token.ParameterValue;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A task's tree as JSON and as text. Immutable and thread-safe.
 *
 * @param state the state in the store: {@code active}, {@code completed}, {@code interrupted}, {@code expired}; null
 *     where the store was not asked
 */
public record TaskStory(TaskTree tree, @Nullable String state) {
    /** The state in the store; else the state in the records; else {@code unknown}. */
    private String standing() {
        if (state != null) {
            return state;
        }
        return tree.ending().map(ending -> ending.string("state")).orElse("unknown");
    }

    /** The tree with all its members, in the order of the text. */
    public JsonObject toJson() {
        JsonObject head = tree.head();
        JsonObject first = tree.first() == null ? JsonObject.EMPTY : tree.first();
        JsonObject start = tree.start() == null ? JsonObject.EMPTY : tree.start();
        JsonMembers members = new JsonMembers();
        members.put("task", tree.task());
        for (String name : List.of("template", "revision", "human")) {
            members.put(name, CallRecords.member(head, name));
        }
        members.put("anchor", CallRecords.member(first, "anchor"));
        members.put("started", CallRecords.member(start, "time"));
        for (String name : List.of("parameters", "agent", "expires")) {
            members.put(name, CallRecords.member(start, name));
        }
        members.put("state", standing());
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
        members.put("approvals", new JsonArray(List.copyOf(tree.approvals())));
        return members.toJson();
    }

    private JsonObject used() {
        JsonMembers members = new JsonMembers();
        tree.used().forEach((name, count) -> members.put(name, count));
        return members.toJson();
    }

    /** The budgets that the last call left. */
    private JsonValue left() {
        List<CallRecords> calls = tree.calls();
        return calls.isEmpty()
                ? JsonNull.NULL
                : CallRecords.member(calls.get(calls.size() - 1).decision(), "budgets");
    }

    /** The story for people: the head, the holders, then one line per call. */
    public String toText() {
        TextPage page = new TextPage().line("task ", tree.task());
        head(page);
        for (JsonObject ending : tree.endings()) {
            String decision = ending.string("decision");
            EndedBy by = EndedBy.of(ending);
            page.line(
                    ending.string("token") == null ? "task " : "token ",
                    ending.string("state"),
                    " at ",
                    ending.string("time"),
                    " by ",
                    by == null ? "unknown" : by.wire(),
                    decision == null ? "" : ", decision " + decision,
                    ": ",
                    ending.string("why"));
        }
        for (JsonObject instruction : tree.instructions()) {
            String ref = instruction.string("ref");
            page.line(
                    "instruction ",
                    instruction.string("source"),
                    ref == null ? "" : " " + ref,
                    ", ",
                    instruction.string("integrity"));
        }
        page.line("holders");
        tree.holders().write(page, 0);
        StringBuilder used = new StringBuilder("used");
        tree.used()
                .forEach((name, count) ->
                        used.append(' ').append(name).append(' ').append(count));
        page.line(used).line("calls");
        tree.calls().forEach(call -> page.line("  ", call.toText()));
        for (JsonObject record : tree.approvals()) {
            JsonObject approval = record.object("approval");
            page.line(
                    "approval ",
                    record.string("time"),
                    " ",
                    record.string("outcome"),
                    " ",
                    record.string("operation"),
                    by(approval),
                    ", request ",
                    approval == null ? null : approval.string("id"));
        }
        for (JsonObject change : tree.changes()) {
            page.line("operator ", change.string("time"), " ", change.string("action"), ": ", change.string("detail"));
        }
        return page.toString();
    }

    private static String by(@Nullable JsonObject approval) {
        StringBuilder by = new StringBuilder();
        if (approval != null && approval.get("by") instanceof JsonArray humans) {
            for (JsonValue each : humans.values()) {
                if (each instanceof JsonObject human) {
                    by.append(by.isEmpty() ? " by " : " and ")
                            .append(human.string("sub"))
                            .append(" at ")
                            .append(human.string("iss"));
                }
            }
        }
        return by.toString();
    }

    private void head(TextPage page) {
        JsonObject head = tree.head();
        if (!head.members().isEmpty()) {
            page.line("template ", head.string("template"), " revision ", head.string("revision"));
            JsonObject human = head.object("human");
            String anchor = tree.first() == null ? null : tree.first().string("anchor");
            page.line(
                    "human ",
                    human == null ? "unknown" : human.string("sub") + " at " + human.string("iss"),
                    anchor == null ? "" : ", by the word of the anchor " + anchor);
        }
        JsonObject start = tree.start();
        if (start != null) {
            page.line(
                    "started ",
                    start.string("time"),
                    " by ",
                    start.string("agent"),
                    ", expires ",
                    start.string("expires"));
            parameters(page, start);
        }
        page.line("state ", standing());
    }

    private static void parameters(TextPage page, JsonObject start) {
        Map<String, ParameterValue> parameters = RecordFields.parameters(start);
        if (parameters != null && !parameters.isEmpty()) {
            StringBuilder text = new StringBuilder();
            parameters.forEach(
                    (name, value) -> text.append(' ').append(name).append('=').append(value));
            page.line("parameters", text);
        }
    }
}
