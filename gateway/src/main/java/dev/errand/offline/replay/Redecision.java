package dev.errand.offline.replay;

import dev.errand.denial.DenyReason;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.text.Printable;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of a recorded decision when it was decided again.
 *
 * @param kind whether it stands
 * @param permit whether the call is permitted now
 * @param code why it is refused now (or would be, were it not only observed), else null
 * @param why one sentence; empty where the decision stands
 */
public record Redecision(
        RecordedCall recorded,
        Kind kind,
        boolean permit,
        @Nullable String code,
        String why) {
    /** Whether a decision stands. */
    public enum Kind {
        SAME,
        /** Permitted then and refused now, or the reverse, or refused with another code. */
        DIFFERS,
        /** What it was decided by is not in the record: taken as it was recorded. */
        NOT_REDECIDABLE
    }

    /** Of a call that a human is asked about. What people decided under the same template stands as it was recorded. */
    static Redecision asked(RecordedCall call, String why, boolean sameRevision) {
        String refused = DenyReason.APPROVAL_REFUSED.code();
        if (sameRevision && (call.permit() || refused.equals(call.code()))) {
            return new Redecision(call, Kind.NOT_REDECIDABLE, call.permit(), call.code(), "a human decided it");
        }
        String asked = DenyReason.APPROVAL_REQUIRED.code();
        boolean same = !call.permit() && asked.equals(call.code());
        return new Redecision(call, same ? Kind.SAME : Kind.DIFFERS, false, asked, same ? "" : why);
    }

    /** Whether it is a difference of a call that was permitted. */
    public boolean refusesPermitted() {
        return kind == Kind.DIFFERS && recorded.permit();
    }

    /** Whether it refuses what was permitted, and asks nobody. */
    public boolean disturbs() {
        return refusesPermitted() && !DenyReason.APPROVAL_REQUIRED.code().equals(code);
    }

    /** One line, printable. */
    public String toText() {
        return Printable.line(told());
    }

    private String told() {
        String reaction = recorded.reaction();
        String then = outcome(recorded.permit(), recorded.code())
                + (reaction == null ? "" : " reaction " + reaction)
                + (recorded.over() ? " over" : "");
        String where = recorded.decision() + "  " + String.join(" ", recorded.operations());
        return kind == Kind.NOT_REDECIDABLE
                ? where + "  " + then + "  not re-decidable: " + why
                : where + "  " + then + " -> " + outcome(permit, code) + (why.isEmpty() ? "" : "  " + why);
    }

    private static String outcome(boolean permit, @Nullable String code) {
        return (permit ? "permit" : "deny") + (code == null ? "" : " " + code);
    }

    /** As JSON. */
    public JsonObject toJson() {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("decision", new JsonString(recorded.decision()));
        members.put("task", new JsonString(recorded.task()));
        members.put(
                "result",
                new JsonString(kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-')));
        Map<String, JsonValue> then = side(recorded.permit(), recorded.code());
        String reaction = recorded.reaction();
        then.put("reaction", reaction == null ? JsonNull.NULL : new JsonString(reaction));
        then.put("over", recorded.over() ? new JsonBoolean(true) : JsonNull.NULL);
        members.put("recorded", new JsonObject(then));
        members.put("now", new JsonObject(side(permit, code)));
        members.put("why", new JsonString(why));
        return new JsonObject(members);
    }

    private static Map<String, JsonValue> side(boolean permit, @Nullable String code) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("outcome", new JsonString(permit ? "permit" : "deny"));
        members.put("code", code == null ? JsonNull.NULL : new JsonString(code));
        return members;
    }
}
