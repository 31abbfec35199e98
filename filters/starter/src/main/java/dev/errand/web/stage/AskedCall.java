package dev.errand.web.stage;

import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.OperationCall;
import dev.errand.task.ApprovalQuestion;
import dev.errand.task.Approvals;
import dev.errand.task.AskedMoves;
import dev.errand.token.Holder;
import dev.errand.token.Instruction;
import dev.errand.token.ToolGrant;
import dev.errand.web.Call;
import dev.errand.web.Caller;
import dev.errand.web.DecisionIds;
import dev.errand.web.StageFilter;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.http.HttpHeaders;

/** What one call asks a human: the members of the digest, and what else people are shown. */
final class AskedCall {
    private static final int MAX_GRANTS = 256;
    private static final int MAX_CONSTRAINTS = 8 * 1024;

    private AskedCall() {}

    /**
     * What the call asks; null if people would have to be shown more than a request may hold.
     *
     * @param shown keeps the body if people may read it
     * @param body the request's body, or null
     * @param route the call's route, or null
     */
    static @Nullable ApprovalQuestion of(
            Call.Granted call, HttpHeaders headers, byte @Nullable [] body, @Nullable Route route, ShownBodies shown) {
        Caller caller = call.caller();
        String id =
                "a-" + DecisionIds.next().substring(2) + '.' + caller.taskKey().value();
        AskedHeaders fields = new AskedHeaders(headers, call.headerRules(), written(call, route));
        JsonObject members = members(call, fields, body);
        JsonMembers read = new JsonMembers();
        read.put("headers", fields.shown());
        names(read, "cut", fields.cut());
        names(read, "left_out", fields.leftOut());
        read.orNull("body", shown.seal(id, body, call.operations()));
        byte[] told = Jcs.canonicalBytes(told(call, members, read.toJson()));
        return told.length > Approvals.MAX_TOLD
                ? null
                : new ApprovalQuestion(
                        id, members, caller.chain().leaf().expiry() * 1000, told, ApprovalQuestion.Limit.UNASKED);
    }

    private static void names(JsonMembers read, String member, List<String> names) {
        if (!names.isEmpty()) {
            read.put(member, names);
        }
    }

    private static Set<String> written(Call.Granted call, @Nullable Route route) {
        String credential = route == null ? null : StageFilter.credential(route);
        return credential == null ? Set.of() : call.arrived().revision().writtenBy(credential);
    }

    private static JsonObject members(Call.Granted call, AskedHeaders headers, byte @Nullable [] body) {
        Caller caller = call.caller();
        JsonMembers members = new JsonMembers();
        members.put("task", caller.taskLabel());
        members.put("leaf", caller.chain().leaf().id().hash());
        members.put(
                "operation",
                String.join(
                        " ",
                        call.operations().stream()
                                .map(pair -> pair.operation().id())
                                .toList()));
        members.put(
                "resource",
                call.operations().stream().map(OperationCall::resource).toList());
        members.put("args_hash", call.argsHash());
        members.put("method", call.arrived().method());
        members.put("target", target(call.target()));
        members.put("headers", headers.hash());
        members.orNull("body", AskedBody.hash(body, call.mcp() != null));
        members.put("revision", caller.policy().revision());
        return members.toJson();
    }

    /** Path and query as they will be sent. */
    private static String target(URI url) {
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        return url.getRawQuery() == null ? path : path + '?' + url.getRawQuery();
    }

    private static JsonObject told(Call.Granted call, JsonObject members, JsonObject shown) {
        Caller caller = call.caller();
        JsonMembers told = new JsonMembers();
        told.put("members", members);
        told.put("template", caller.policy().template());
        told.put("plan", caller.policy().narrower());
        told.put("human", caller.chain().root().human().toJson());
        List<JsonValue> agents = new ArrayList<>();
        caller.holders().list().forEach(holder -> agents.add(agent(holder)));
        told.put("agents", new JsonArray(agents));
        told.put("instruction", instruction(caller.chain().instruction()));
        told.put("decision", call.decision());
        told.put("route", call.route());
        AskedMoves.write(call.operations(), told);
        told.put("shown", shown);
        told.put("grants", grants(caller));
        return told.toJson();
    }

    /** What the leaf grants, with its constraints where they are not too long to be kept. */
    private static JsonObject grants(Caller caller) {
        Map<String, JsonValue> grants = new LinkedHashMap<>();
        int left = MAX_CONSTRAINTS;
        Map<String, ToolGrant> tools =
                new TreeMap<>(caller.chain().leaf().capability().tools());
        for (Map.Entry<String, ToolGrant> tool : tools.entrySet()) {
            JsonValue constraints = tool.getValue().toJson();
            int length = Jcs.canonical(constraints).length();
            boolean shown = length <= left;
            left -= shown ? length : 0;
            grants.put(tool.getKey(), shown ? constraints : JsonNull.NULL);
            if (grants.size() == MAX_GRANTS) {
                break;
            }
        }
        return new JsonObject(grants);
    }

    private static JsonObject agent(Holder holder) {
        JsonMembers members = new JsonMembers();
        members.put("jkt", holder.jkt().value());
        members.orNull("sub", holder.subject());
        members.put("attested", holder.attested());
        return members.toJson();
    }

    private static JsonValue instruction(@Nullable Instruction instruction) {
        if (instruction == null) {
            return JsonNull.NULL;
        }
        JsonMembers members = new JsonMembers();
        members.put("source", instruction.source().wire());
        members.orNull("ref", instruction.ref());
        members.orNull("digest", instruction.digest());
        members.put("integrity", instruction.integrity().wire());
        return members.toJson();
    }
}
