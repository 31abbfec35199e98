package dev.errand.operation.jsonrpc;

import dev.errand.json.Json;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.OperationCall;
import dev.errand.operation.OperationCatalogue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Filters the lists in an MCP server's answer to what a leaf grants: a tool stays if the leaf has any grant of its
 * call, a prompt or a resource if it has a grant of just that one. The capabilities that a server states are cut in the
 * same way, so that a client does not ask for what it would not get. The rest of an answer is unchanged. Thread-safe if
 * the grant is.
 */
public final class ListAnswer {
    /**
     * The most bytes of an answer, or of one event of a stream, that is filtered. A longer one must not be passed on.
     */
    public static final int MAX_BYTES = 4 << 20;

    private static final Set<String> CARRYING =
            Set.of(RpcIds.TOOLS, RpcIds.PROMPTS, RpcIds.RESOURCES, RpcIds.STREAM, RpcIds.INITIALIZE, RpcIds.DISCOVER);

    private final String prefix;
    private final Granted granted;

    private ListAnswer(String prefix, Granted granted) {
        this.prefix = prefix;
        this.granted = granted;
    }

    /** The answer cannot be read, so it cannot be filtered and must not be passed on. The message quotes nothing of it. */
    public static final class UnreadableAnswerException extends Exception {
        private static final long serialVersionUID = 1L;

        UnreadableAnswerException(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * The filter for the answer to a call; empty if that answer has no lists, and is passed on unchanged. The stream of
     * a session may replay the answer to a list.
     */
    public static Optional<ListAnswer> of(OperationCatalogue catalogue, List<OperationCall> calls, Granted granted) {
        if (!McpSessions.areOf(catalogue) || calls.size() != 1) {
            return Optional.empty();
        }
        String id = calls.get(0).operation().id();
        int colon = id.indexOf(':');
        return CARRYING.contains(id.substring(colon + 1))
                ? Optional.of(new ListAnswer(id.substring(0, colon + 1), granted))
                : Optional.empty();
    }

    /** Filters a whole answer of Content-Type application/json. Returns the same array if nothing is removed. */
    public byte[] json(byte[] body) throws UnreadableAnswerException {
        if (body.length == 0) {
            return body;
        } else if (body.length > MAX_BYTES) {
            throw new UnreadableAnswerException("an answer longer than " + MAX_BYTES + " bytes");
        }
        try {
            JsonValue message = Json.parse(body);
            JsonValue filtered = message(message);
            return filtered.equals(message) ? body : JsonText.of(filtered).getBytes(StandardCharsets.UTF_8);
        } catch (Json.MalformedJsonException e) {
            throw new UnreadableAnswerException("an answer that is not one JSON value: " + e.getMessage());
        }
    }

    /** A filter of one answer of Content-Type text/event-stream; not thread-safe: one per answer. */
    public EventStream events() {
        return new EventStream(this);
    }

    private JsonValue message(JsonValue message) throws UnreadableAnswerException {
        if (message instanceof JsonArray batch) {
            List<JsonValue> filtered = new ArrayList<>();
            for (JsonValue one : batch.values()) {
                filtered.add(message(one));
            }
            return new JsonArray(filtered);
        }
        JsonObject result = message instanceof JsonObject answer ? answer.object("result") : null;
        if (result == null) {
            return message;
        }
        Map<String, JsonValue> members = new LinkedHashMap<>(result.members());
        for (Map.Entry<String, JsonValue> member : members.entrySet()) {
            member.setValue(
                    switch (member.getKey()) {
                        case "tools" -> filter(member.getValue(), "name", RpcIds.TOOL);
                        case "prompts" -> filter(member.getValue(), "name", RpcIds.PROMPT);
                        case "resources" -> filter(member.getValue(), "uri", RpcIds.READ);
                        case "capabilities" -> ServerCapabilities.cut(member.getValue(), this::permitsAny);
                        default -> member.getValue();
                    });
        }
        Map<String, JsonValue> whole = new LinkedHashMap<>(((JsonObject) message).members());
        whole.put("result", new JsonObject(members));
        return new JsonObject(whole);
    }

    private JsonValue filter(JsonValue list, String key, String id) throws UnreadableAnswerException {
        if (!(list instanceof JsonArray array)) {
            throw new UnreadableAnswerException("a list answer whose list is no array");
        }
        List<JsonValue> kept = new ArrayList<>();
        for (JsonValue item : array.values()) {
            String named = item instanceof JsonObject object ? object.string(key) : null;
            if (named != null && permits(id, named)) {
                kept.add(item);
            }
        }
        return new JsonArray(kept);
    }

    private boolean permitsAny(String beginning) {
        return granted.permitsAny(prefix + beginning);
    }

    private boolean permits(String id, String named) {
        if (id.equals(RpcIds.READ)) {
            return granted.permits(prefix + id, resource(named));
        }
        return RpcIds.isName(named)
                && granted.permits(prefix + id + named, id.equals(RpcIds.TOOL) ? null : resource(named));
    }

    private static JsonObject resource(String named) {
        return new JsonObject(Map.of("resource", new JsonString(named)));
    }
}
