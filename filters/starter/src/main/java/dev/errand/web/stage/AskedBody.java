package dev.errand.web.stage;

import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Sha256;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The body that is approved. */
final class AskedBody {
    /** The longest body that anybody is asked about, in bytes. */
    static final int MAX_BYTES = 1 << 20;

    private AskedBody() {}

    /**
     * Base64url SHA-256 of the body; null without one. For an MCP message its JCS is hashed, without the members that a client
     * changes when it repeats the message.
     */
    static @Nullable String hash(byte @Nullable [] body, boolean mcp) {
        if (body == null || body.length == 0) {
            return null;
        }
        return Sha256.base64UrlOf(mcp ? message(body) : body);
    }

    private static byte[] message(byte[] body) {
        try {
            // A message with a number that JCS cannot write exactly is hashed byte by byte.
            return Json.parse(body) instanceof JsonObject message && Jcs.isAdmissible(message)
                    ? Jcs.canonicalBytes(withoutIds(message))
                    : body;
        } catch (MalformedJsonException e) {
            return body;
        }
    }

    /** The message without {@code id}, {@code params._meta.progressToken}, and a {@code _meta} that is then empty. */
    private static JsonObject withoutIds(JsonObject message) {
        Map<String, JsonValue> members = new LinkedHashMap<>(message.members());
        members.remove("id");
        JsonObject params = message.object("params");
        JsonObject meta = params == null ? null : params.object("_meta");
        if (params != null && meta != null && meta.get("progressToken") != null) {
            Map<String, JsonValue> rest = new LinkedHashMap<>(meta.members());
            rest.remove("progressToken");
            Map<String, JsonValue> changed = new LinkedHashMap<>(params.members());
            if (rest.isEmpty()) {
                changed.remove("_meta");
            } else {
                changed.put("_meta", new JsonObject(rest));
            }
            members.put("params", new JsonObject(changed));
        }
        return new JsonObject(members);
    }
}
