package dev.errand.offline.story;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.TextPage;
import dev.errand.log.RecordFields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One holder of the task and the holders that it passed a token to. The top is the human, who holds no token. Not thread-safe
 * while it is built, never changed afterwards.
 */
final class HolderNode {
    /** The holder as records name it: key, subject, whether attested; null at the top. */
    private final @Nullable JsonObject holder;

    private final Map<String, HolderNode> children = new LinkedHashMap<>();
    private long permitted;
    private long denied;
    private long waiting;
    private @Nullable JsonObject ending;

    private HolderNode(@Nullable JsonObject holder) {
        this.holder = holder;
    }

    /** The tree of all holders that called. */
    static HolderNode of(List<CallRecords> calls, List<JsonObject> endings) {
        HolderNode top = new HolderNode(null);
        for (CallRecords call : calls) {
            HolderNode at = top;
            for (JsonObject agent : RecordFields.agents(call.decision())) {
                HolderNode next = new HolderNode(agent);
                HolderNode known = at.children.putIfAbsent(String.valueOf(agent.string("jkt")), next);
                at = known == null ? next : known;
            }
            if (call.isPermitted()) {
                at.permitted++;
            } else if (RecordFields.isWaiting(call.decision())) {
                at.waiting += RecordFields.count(call.decision());
            } else {
                at.denied++;
            }
        }
        for (JsonObject ending : endings) {
            String key = ending.string("holder");
            if (ending.string("token") != null && key != null) {
                top.end(key, ending);
            }
        }
        return top;
    }

    private void end(String key, JsonObject record) {
        for (HolderNode child : children.values()) {
            if (child.holder != null && key.equals(child.holder.string("jkt")) && child.ending == null) {
                child.ending = record;
            }
            child.end(key, record);
        }
    }

    JsonArray childrenJson() {
        List<JsonValue> nodes = new ArrayList<>();
        for (HolderNode child : children.values()) {
            JsonMembers members = new JsonMembers();
            if (child.holder != null) {
                members.putAll(child.holder.members());
            }
            members.put("permitted", child.permitted);
            members.put("denied", child.denied);
            members.put("waiting", child.waiting);
            members.orNull("ending", child.ending);
            members.put("children", child.childrenJson());
            nodes.add(members.toJson());
        }
        return new JsonArray(nodes);
    }

    void write(TextPage page, int depth) {
        for (HolderNode child : children.values()) {
            if (child.holder == null) {
                continue;
            }
            boolean attested = new JsonValue.JsonBoolean(true).equals(child.holder.get("attested"));
            page.line(
                    "  ".repeat(depth + 1),
                    RecordFields.name(child.holder),
                    attested ? " (attested)" : " (not attested)",
                    ": ",
                    child.permitted,
                    " permitted, ",
                    child.denied,
                    " denied",
                    child.waiting == 0 ? "" : ", " + child.waiting + " waited for approval",
                    child.ending == null ? "" : ", ended " + child.ending.string("time"));
            child.write(page, depth + 1);
        }
    }
}
