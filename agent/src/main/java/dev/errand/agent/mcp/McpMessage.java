package dev.errand.agent.mcp;

import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One JSON-RPC message of the client, with the members that the transport needs. */
public record McpMessage(String text, JsonObject json) {
    /** The most characters of what a waiting request is known by. */
    public static final int MOST_CHARACTERS = 256;

    private static final Map<String, String> NAMES =
            Map.of("tools/call", "name", "prompts/get", "name", "resources/read", "uri");

    /** Of the range that JSON-RPC leaves to servers (JSON-RPC 2.0 section 5.1). */
    private static final long UNANSWERED = -32_000;

    private static final long INVALID_REQUEST = -32_600;
    private static final long PARSE_ERROR = -32_700;
    private static final String REVISION = "io.modelcontextprotocol/protocolVersion";

    /**
     * Parses one message.
     *
     * @throws MalformedJsonException if it is no JSON object
     */
    public static McpMessage parse(String line) throws MalformedJsonException {
        return new McpMessage(line, Json.parseObject(line.getBytes(StandardCharsets.UTF_8)));
    }

    /** The method; empty for a reply. */
    public String method() {
        String method = json.string("method");
        return method == null ? "" : method;
    }

    /** The id of a request, as JSON; null for a notification and for a reply. */
    public @Nullable String requestId() {
        JsonValue id = json.get("id");
        return id == null || method().isEmpty() ? null : Jcs.canonical(id);
    }

    /**
     * The token by which the server tells the progress of a request (MCP, progress), as JSON; null without one, and if it is
     * neither a number nor a string of at most {@value #MOST_CHARACTERS} characters.
     */
    public @Nullable String progressToken() {
        JsonObject params = json.object("params");
        JsonObject meta = params == null ? null : params.object("_meta");
        JsonValue token = meta == null ? null : meta.get("progressToken");
        if (token instanceof JsonString text && text.value().length() > MOST_CHARACTERS) {
            return null;
        }
        return token instanceof JsonString || token instanceof JsonNumber ? Jcs.canonical(token) : null;
    }

    /** The protocol revision that the message itself names, or null. Messages name one since 2026. */
    @Nullable String revision() {
        JsonObject params = json.object("params");
        JsonObject meta = params == null ? null : params.object("_meta");
        return meta == null ? null : meta.string(REVISION);
    }

    /** The value of {@code Mcp-Name}: the tool, prompt or resource; or null. */
    @Nullable String name() {
        String member = NAMES.get(method());
        JsonObject params = json.object("params");
        String name = member == null || params == null ? null : params.string(member);
        return name == null ? null : headerValue(name);
    }

    /** The id of the request that a cancellation names, as JSON; or null. */
    @Nullable String cancels() {
        JsonObject params = json.object("params");
        JsonValue id = params == null || !method().equals("notifications/cancelled") ? null : params.get("requestId");
        return id == null ? null : Jcs.canonical(id);
    }

    /** The text as a header field: in base64, as the transport demands, if a field cannot hold it. */
    private static String headerValue(String text) {
        boolean plain = text.chars().allMatch(c -> c >= 0x20 && c <= 0x7e)
                && text.equals(text.strip())
                && !(text.startsWith("=?base64?") && text.endsWith("?="));
        return plain
                ? text
                : "=?base64?" + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)) + "?=";
    }

    /**
     * An error as the answer to a request, by whoever stands between client and server.
     *
     * @param id the request's id, as JSON
     */
    public static byte[] error(String id, String message) {
        return error(UNANSWERED, id, message);
    }

    /** An error that answers a line which is no message: no JSON, or no object. Its id is not known. */
    static byte[] unreadable(String line, MalformedJsonException why) {
        long code = isJson(line) ? INVALID_REQUEST : PARSE_ERROR;
        return error(code, "null", "not one JSON-RPC message: " + why.getMessage());
    }

    private static boolean isJson(String line) {
        try {
            Json.parse(line.getBytes(StandardCharsets.UTF_8));
            return true;
        } catch (MalformedJsonException e) {
            return false;
        }
    }

    private static byte[] error(long code, String id, String message) {
        JsonWriter writer = new JsonWriter().object().member("jsonrpc", "2.0");
        writer.name("id");
        writer.append(id.getBytes(StandardCharsets.UTF_8));
        writer.name("error")
                .object()
                .member("code", code)
                .member("message", message)
                .end();
        return writer.end().toBytes();
    }
}
