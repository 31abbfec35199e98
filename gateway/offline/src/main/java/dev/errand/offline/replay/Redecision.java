package dev.errand.offline.replay;

import dev.errand.denial.DenyReason;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.json.Printable;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The result of deciding a recorded call again.
 *
 * @param kind whether the recorded decision stands
 * @param permit whether the call is permitted now
 * @param code why the call is refused now, or would be refused if the mode were not {@code observe}; else null
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
        /** The record lacks something that the decision needs, so the recorded decision is kept. */
        NOT_REDECIDABLE
    }

    /** The result for a call about which a human is asked. If the template is unchanged, the recorded human decision is kept. */
    static Redecision asked(RecordedCall call, String why, boolean sameRevision) {
        String refused = DenyReason.APPROVAL_REFUSED.code();
        if (sameRevision && (call.permit() || refused.equals(call.code()))) {
            return new Redecision(call, Kind.NOT_REDECIDABLE, call.permit(), call.code(), "a human decided it");
        }
        String asked = DenyReason.APPROVAL_REQUIRED.code();
        boolean same = !call.permit() && asked.equals(call.code());
        return new Redecision(call, same ? Kind.SAME : Kind.DIFFERS, false, asked, same ? "" : why);
    }

    /** Whether the call was permitted then, and is refused now, or a human is asked about it. */
    public boolean refusesPermitted() {
        return kind == Kind.DIFFERS && recorded.permit();
    }

    /** Whether the call was permitted then, and is refused now without asking a human. */
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

    /** The redecision as JSON. */
    public JsonObject toJson() {
        JsonMembers members = new JsonMembers();
        members.put("decision", recorded.decision());
        members.put("task", recorded.task());
        members.put("result", kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
        Map<String, JsonValue> then = side(recorded.permit(), recorded.code());
        String reaction = recorded.reaction();
        then.put("reaction", reaction == null ? JsonNull.NULL : new JsonString(reaction));
        then.put("over", recorded.over() ? new JsonBoolean(true) : JsonNull.NULL);
        members.put("recorded", new JsonObject(then));
        members.put("now", new JsonObject(side(permit, code)));
        members.put("why", why);
        return members.toJson();
    }

    private static Map<String, JsonValue> side(boolean permit, @Nullable String code) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("outcome", new JsonString(permit ? "permit" : "deny"));
        members.put("code", code == null ? JsonNull.NULL : new JsonString(code));
        return members;
    }
}
