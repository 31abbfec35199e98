package dev.errand.operator;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.state.FleetTask;
import dev.errand.state.TaskNote;
import dev.errand.task.TaskState;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One task of the list.
 *
 * @param nowMillis the time for which the row is made, epoch milliseconds
 */
record TaskRow(FleetTask task, long nowMillis) {
    String state() {
        TaskState state = task.state(nowMillis);
        return state == null ? "unknown" : state.wire();
    }

    JsonObject toJson() {
        JsonMembers members = new JsonMembers();
        members.put("task", task.facts().task());
        members.put("state", state());
        members.orNull("template", task.facts().template());
        members.put("human", task.facts().human().toJson());
        members.orNull("agent", task.facts().agent());
        members.put("started", time(task.facts().startedMillis()));
        members.put("expires", time(task.facts().expiresMillis()));
        members.put("last", last(task.last()));
        members.put("calls", task.permitted());
        members.put("denied", task.denied());
        members.put("waiting", task.waiting());
        members.put("used", used());
        members.orNull("interrupted_by", task.interruptedBy());
        return members.toJson();
    }

    /** The used share, rounded to thousandths, so that the number is short. */
    private JsonNumber used() {
        double share = Math.round(task.used(nowMillis) * 1000) / 1000.0;
        return share == Math.rint(share)
                ? JsonNumber.of((long) share)
                : new JsonNumber(String.format(Locale.ROOT, "%.3f", share).replaceFirst("0+$", ""));
    }

    private static JsonValue last(TaskNote.@Nullable LastCall last) {
        if (last == null || last.timeMillis() == 0) {
            return JsonNull.NULL;
        }
        JsonMembers members = new JsonMembers();
        members.put("time", time(last.timeMillis()));
        members.orNull("operation", last.operation());
        members.put("outcome", last.waiting() ? "waiting" : last.code() == null ? "permit" : "deny");
        members.orNull("code", last.code());
        return members.toJson();
    }

    private static JsonString time(long millis) {
        return new JsonString(Instant.ofEpochMilli(millis).toString());
    }

    /** The row for people. */
    String[] toText() {
        return new String[] {
            Instant.ofEpochMilli(task.facts().startedMillis()).toString(),
            "  ",
            task.facts().task(),
            "  ",
            state(),
            "  ",
            task.facts().template() == null ? "-" : task.facts().template(),
            "  ",
            task.facts().human().subject(),
            "  ",
            Long.toString(task.permitted()),
            "/",
            Long.toString(task.denied())
        };
    }
}
