package dev.errand.web.stage;

import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import org.jspecify.annotations.Nullable;

/** The request with which an MCP client begins a session. */
final class RpcInitialization {
    private RpcInitialization() {}

    /**
     * Whether the message begins a session and its client announces that it opens pages for its user (URL elicitation).
     */
    public static boolean opensPages(byte @Nullable [] body) {
        try {
            if (body == null
                    || !(Json.parse(body) instanceof JsonObject message)
                    || !"initialize".equals(message.string("method"))) {
                return false;
            }
            JsonObject params = message.object("params");
            JsonObject capabilities = params == null ? null : params.object("capabilities");
            JsonObject elicitation = capabilities == null ? null : capabilities.object("elicitation");
            return elicitation != null && elicitation.object("url") != null;
        } catch (MalformedJsonException e) {
            return false;
        }
    }
}
