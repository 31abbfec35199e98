package dev.errand.operation.jsonrpc;

import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import org.jspecify.annotations.Nullable;

/** The id of a JSON-RPC request, by which its answer is known. */
public final class RpcRequestId {
    private RpcRequestId() {}

    /**
     * A string, or a number as it was spelled; null where the body is no JSON, no request, or one without such an id. A message
     * that is malformed otherwise may have an id.
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
