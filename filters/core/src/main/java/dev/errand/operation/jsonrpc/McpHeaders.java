package dev.errand.operation.jsonrpc;

import dev.errand.operation.RequestHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The header fields in which MCP's streamable HTTP repeats what the body of a message says. Thread-safe. */
public final class McpHeaders {
    /** The longest session id, in characters. */
    public static final int MAX_SESSION_ID = 1024;

    private static final String SESSION = "Mcp-Session-Id";
    private static final String ENCODED = "=?base64?";

    private McpHeaders() {}

    /**
     * The session that a request names; empty if it names none. In a resolved request it is a single value of visible
     * ASCII.
     */
    public static Optional<String> session(RequestHeaders headers) {
        return session(values(headers, SESSION));
    }

    /** The session in the field values of an answer; empty unless they are a single value of visible ASCII. */
    public static Optional<String> session(List<String> values) {
        return values.size() == 1 && isSession(values.get(0)) ? Optional.of(values.get(0)) : Optional.empty();
    }

    /** Why the session of a request cannot be read, or null. */
    static @Nullable String refuseSession(RequestHeaders headers) {
        List<String> values = values(headers, SESSION);
        return values.isEmpty() || session(values).isPresent()
                ? null
                : "Mcp-Session-Id is given twice, is too long, or has a character that is not visible ASCII";
    }

    /**
     * Why the headers contradict the body of the message, or null.
     *
     * @param method the body's method; null if there is no body or it has no method
     * @param name the name or URI that the method is about; null if there is none
     */
    static @Nullable String refuse(RequestHeaders headers, @Nullable String method, @Nullable String name) {
        if (!agrees(values(headers, "Mcp-Method"), method)) {
            return "Mcp-Method differs from the method in the body";
        }
        return agrees(values(headers, "Mcp-Name"), name) ? null : "Mcp-Name differs from the name in the body";
    }

    private static boolean agrees(List<String> values, @Nullable String said) {
        if (values.isEmpty()) {
            return true;
        }
        String value = values.get(0);
        return values.size() == 1 && said != null && (value.equals(said) || said.equals(decoded(value)));
    }

    private static @Nullable String decoded(String value) {
        if (!value.startsWith(ENCODED) || !value.endsWith("?=") || value.length() < ENCODED.length() + 2) {
            return null;
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(value.substring(ENCODED.length(), value.length() - 2));
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
    }

    /** The values under the name, and under its spellings with {@code _}, which some servers treat as the same name. */
    private static List<String> values(RequestHeaders headers, String name) {
        List<String> values = new ArrayList<>();
        for (String present : headers.names()) {
            if (RequestHeaders.fold(present).equals(RequestHeaders.fold(name))) {
                values.addAll(headers.values(present));
            }
        }
        return values;
    }

    private static boolean isSession(String text) {
        return !text.isEmpty()
                && text.length() <= MAX_SESSION_ID
                && text.chars().allMatch(c -> c > 0x20 && c < 0x7f);
    }
}
