package dev.errand.web.stage;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.task.ApprovalQuestion;
import dev.errand.task.Approvals;
import dev.errand.task.AskedMoves;
import dev.errand.token.Holder;
import dev.errand.token.Human;
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
        Map<String, JsonValue> read = new LinkedHashMap<>();
        read.put("headers", fields.shown());
        names(read, "cut", fields.cut());
        names(read, "left_out", fields.leftOut());
        read.put("body", text(shown.seal(id, body, call.operations())));
        byte[] told = Jcs.canonicalBytes(told(call, members, new JsonObject(read)));
        return told.length > Approvals.MAX_TOLD
                ? null
                : new ApprovalQuestion(
                        id, members, caller.chain().leaf().expiry() * 1000, told, ApprovalQuestion.Limit.UNASKED);
    }

    private static void names(Map<String, JsonValue> read, String member, List<String> names) {
        if (!names.isEmpty()) {
            read.put(
                    member,
                    new JsonArray(names.stream().<JsonValue>map(JsonString::new).toList()));
        }
    }

    private static Set<String> written(Call.Granted call, @Nullable Route route) {
        String credential = route == null ? null : StageFilter.credential(route);
        return credential == null ? Set.of() : call.arrived().revision().writtenBy(credential);
    }

    private static JsonObject members(Call.Granted call, AskedHeaders headers, byte @Nullable [] body) {
        Caller caller = call.caller();
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("task", new JsonString(caller.taskLabel()));
        members.put("leaf", new JsonString(caller.chain().leaf().id().hash()));
        members.put(
                "operation",
                new JsonString(String.join(
                        " ",
                        call.operations().stream()
                                .map(pair -> pair.operation().id())
                                .toList())));
        members.put(
                "resource",
                new JsonArray(call.operations().stream()
                        .<JsonValue>map(pair -> new JsonString(pair.resource()))
                        .toList()));
        members.put("args_hash", new JsonString(call.argsHash()));
        members.put("method", new JsonString(call.arrived().method()));
        members.put("target", new JsonString(target(call.target())));
        members.put("headers", new JsonString(headers.hash()));
        members.put("body", text(AskedBody.hash(body, call.mcp() != null)));
        members.put("revision", new JsonString(caller.policy().revision()));
        return new JsonObject(members);
    }

    /** Path and query as they will be sent. */
    private static String target(URI url) {
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        return url.getRawQuery() == null ? path : path + '?' + url.getRawQuery();
    }

    private static JsonObject told(Call.Granted call, JsonObject members, JsonObject shown) {
        Caller caller = call.caller();
        Map<String, JsonValue> told = new LinkedHashMap<>();
        told.put("members", members);
        told.put("template", new JsonString(caller.policy().template()));
        String narrower = caller.policy().narrower();
        if (narrower != null) {
            told.put("plan", new JsonString(narrower));
        }
        told.put("human", human(caller.chain().root().human()));
        List<JsonValue> agents = new ArrayList<>();
        caller.holders().list().forEach(holder -> agents.add(agent(holder)));
        told.put("agents", new JsonArray(agents));
        told.put("instruction", instruction(caller.chain().instruction()));
        told.put("decision", new JsonString(call.decision()));
        told.put("route", new JsonString(call.route()));
        AskedMoves.write(call.operations(), told);
        told.put("shown", shown);
        told.put("grants", grants(caller));
        return new JsonObject(told);
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

    private static JsonObject human(Human human) {
        return new JsonObject(Map.of("iss", new JsonString(human.issuer()), "sub", new JsonString(human.subject())));
    }

    private static JsonObject agent(Holder holder) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("jkt", new JsonString(holder.jkt().value()));
        members.put("sub", text(holder.subject()));
        members.put("attested", new JsonValue.JsonBoolean(holder.attested()));
        return new JsonObject(members);
    }

    private static JsonValue instruction(@Nullable Instruction instruction) {
        if (instruction == null) {
            return JsonNull.NULL;
        }
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("source", new JsonString(instruction.source().wire()));
        members.put("ref", text(instruction.ref()));
        members.put("digest", text(instruction.digest()));
        members.put("integrity", new JsonString(instruction.integrity().wire()));
        return new JsonObject(members);
    }

    private static JsonValue text(@Nullable String text) {
        return text == null ? JsonNull.NULL : new JsonString(text);
    }
}
