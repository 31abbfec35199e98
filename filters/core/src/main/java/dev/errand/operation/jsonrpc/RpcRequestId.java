package dev.errand.operation.jsonrpc;

import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import org.jspecify.annotations.Nullable;

/** The id of a JSON-RPC request, which its answer repeats. */
public final class RpcRequestId {
    private RpcRequestId() {}

    /**
     * A string, or a number in its original spelling; null if the body is not JSON, not a request, or has no such id. A
     * message that is malformed in another way may still have an id.
     */
    public static @Nullable JsonValue of(byte[] body) {
        try {
            JsonValue id = Json.parse(body) instanceof JsonObject message && message.string("method") != null
                    ? message.get("id")
                    : null;
            return id instanceof JsonString || id instanceof JsonNumber ? id : null;
        } catch (MalformedJsonException e) {
            return null;
        }
    }
}
