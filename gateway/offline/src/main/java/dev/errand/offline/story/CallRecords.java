package dev.errand.offline.story;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.RecordFields;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One call with its records. Immutable.
 *
 * @param outcome the record of its outcome, or null if there is none
 */
record CallRecords(JsonObject decision, @Nullable JsonObject outcome) {
    private static final List<String> SHOWN = List.of(
            "decision",
            "time",
            "outcome",
            "code",
            "step",
            "detail",
            "rule",
            "operation",
            "resource",
            "args_hash",
            "arguments",
            "method",
            "route",
            "agents",
            "holder",
            "instruction",
            "budgets",
            "state_before",
            "state_after",
            "approval",
            "waiting",
            "count",
            "gateway");

    /** Whether the call was permitted. */
    public boolean isPermitted() {
        return RecordFields.isPermit(decision);
    }

    /** Whether its step was given back, since no byte was sent. */
    public boolean isCompensated() {
        return outcome != null && new JsonBoolean(true).equals(outcome.get("compensated"));
    }

    JsonObject toJson() {
        JsonMembers members = new JsonMembers();
        SHOWN.forEach(name -> members.put(name, member(decision, name)));
        for (String name : List.of("upstream_status", "duration_ms", "compensated")) {
            members.put(name, outcome == null ? JsonNull.NULL : member(outcome, name));
        }
        return members.toJson();
    }

    /** One line: time, holder (indented by depth), operation, outcome. */
    String toText() {
        List<JsonObject> agents = RecordFields.agents(decision);
        List<String> named = RecordFields.resources(decision);
        String who = agents.isEmpty() ? "unverified" : RecordFields.name(agents.get(agents.size() - 1));
        String resources = named.isEmpty() ? "-" : String.join(", ", named);
        String code = decision.string("code");
        String operation = decision.string("operation");
        return decision.string("time") + "  " + "  ".repeat(Math.max(0, agents.size() - 1)) + who + "  "
                + (operation == null ? "-" : operation) + "  " + resources + "  " + RecordFields.outcome(decision)
                + (code == null ? "" : " " + code) + waited() + answer() + "  " + decision.string("decision");
    }

    private String waited() {
        long count = RecordFields.count(decision);
        return count == 1 ? "" : ", " + count + " calls";
    }

    private String answer() {
        if (outcome == null) {
            return isPermitted() ? ", no outcome recorded" : "";
        }
        String status = outcome.get("upstream_status") instanceof JsonNumber number
                ? ", upstream answered " + number.text()
                : ", no answer of the upstream";
        return isCompensated() ? ", not sent, given back" : status;
    }

    static JsonValue member(JsonObject object, String name) {
        JsonValue value = object.get(name);
        return value == null ? JsonNull.NULL : value;
    }
}
