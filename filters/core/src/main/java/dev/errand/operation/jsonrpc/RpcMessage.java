package dev.errand.operation.jsonrpc;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.Set;

/**
 * One JSON-RPC 2.0 message as MCP restricts it: no batch, only named parameters, an id that is a string or a number.
 */
sealed interface RpcMessage {
    /** The members that any message may have. */
    Set<String> MEMBERS = Set.of("jsonrpc", "id", "method", "params", "result", "error");

    /** A member name that a JavaScript server, when it copies members, takes for the object's prototype. */
    String PROTOTYPE = "__proto__";

    /** A request or a notification. */
    record Call(String method, JsonObject params) implements RpcMessage {}

    /** The answer of a client to a request of the server. */
    record Reply() implements RpcMessage {}

    /** The text is not a message. The reason quotes nothing of it. */
    record Malformed(String why) implements RpcMessage {}

    /**
     * Reads a message. A member that differs from a known one only in letter case is refused, since some servers take
     * it for the known one.
     */
    static RpcMessage of(JsonValue value) {
        if (value instanceof JsonArray) {
            return new Malformed("a batch: send each message in a request of its own");
        }
        if (!(value instanceof JsonObject object)) {
            return new Malformed("the body is no JSON-RPC message: it must be an object");
        }
        if (!MEMBERS.containsAll(object.members().keySet())) {
            return new Malformed("a JSON-RPC message has a member that JSON-RPC 2.0 does not know");
        }
        if (inherits(object)) {
            return new Malformed(
                    "a member named " + PROTOTYPE + ", which some servers merge into what stands beside it");
        }
        if (!"2.0".equals(object.string("jsonrpc"))) {
            return new Malformed("a JSON-RPC message has \"jsonrpc\": \"2.0\"");
        }
        JsonValue id = object.get("id");
        if (id != null && !(id instanceof JsonString) && !(id instanceof JsonNumber)) {
            return new Malformed("a JSON-RPC id is a string or a number");
        }
        boolean answers = object.get("result") != null || object.get("error") != null;
        if (object.get("method") == null) {
            boolean one = (object.get("result") == null) != (object.get("error") == null);
            return one && id != null && object.get("params") == null
                    ? new Reply()
                    : new Malformed("a JSON-RPC message has a method, or an id and either a result or an error");
        }
        String method = object.string("method");
        if (method == null || answers) {
            return new Malformed("a JSON-RPC request has a method that is a string, and no result or error");
        }
        JsonValue params = object.get("params");
        if (params == null) {
            return new Call(method, JsonObject.EMPTY);
        }
        return params instanceof JsonObject named
                ? new Call(method, named)
                : new Malformed("the params of a JSON-RPC request must be an object");
    }

    private static boolean inherits(JsonValue value) {
        if (value instanceof JsonArray array) {
            return array.values().stream().anyMatch(RpcMessage::inherits);
        }
        return value instanceof JsonObject object
                && (object.members().containsKey(PROTOTYPE)
                        || object.members().values().stream().anyMatch(RpcMessage::inherits));
    }
}
