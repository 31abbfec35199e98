package dev.errand.agent.mcp;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonString;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * What stands between client and server needs to know of a server's message. The reading is lenient, since the client judges the
 * message: long strings, deep values, duplicate members and lone surrogates are no faults. Immutable.
 *
 * @param jsonRpc whether it has a member {@code jsonrpc}
 * @param id the id of a request or reply, as JSON; null without one
 * @param method the method of a request or notification; null for a reply
 * @param revision the value of {@code result.protocolVersion}, or null
 * @param progressToken the value of {@code params.progressToken}, as JSON; or null
 */
public record MessageSummary(
        boolean jsonRpc,
        @Nullable String id,
        @Nullable String method,
        @Nullable String revision,
        @Nullable String progressToken) {
    private static final int DEEPEST = 100_000;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxNumberLength(McpPost.MOST)
                    .maxStringLength(McpPost.MOST)
                    .maxNameLength(McpPost.MOST)
                    .build())
            .build();

    /** Whether it answers a request. */
    public boolean reply() {
        return id != null && method == null;
    }

    /** Reads a message; null if it is not a JSON object. */
    public static @Nullable MessageSummary of(byte[] json) {
        boolean jsonRpc = false;
        String id = null;
        String method = null;
        String revision = null;
        String progress = null;
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "jsonrpc" -> jsonRpc = value == JsonToken.VALUE_STRING;
                    case "id" -> id = scalar(parser, value);
                    case "method" -> method = value == JsonToken.VALUE_STRING ? parser.getString() : null;
                    case "result" -> revision = member(parser, value, "protocolVersion", false);
                    case "params" -> progress = member(parser, value, "progressToken", true);
                    default -> {}
                }
                parser.skipChildren();
            }
            return new MessageSummary(jsonRpc, id, method, revision, progress);
        } catch (JacksonException malformed) {
            return null;
        }
    }

    /**
     * Reads an object up to its end. The parser stands at its start.
     *
     * @param json whether the member is wanted as JSON; else only a string, as its text
     */
    private static @Nullable String member(JsonParser parser, JsonToken at, String wanted, boolean json) {
        String found = null;
        if (at != JsonToken.START_OBJECT) {
            return null;
        }
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            JsonToken value = parser.nextToken();
            if (name.equals(wanted) && json) {
                found = scalar(parser, value);
            } else if (name.equals(wanted) && value == JsonToken.VALUE_STRING) {
                found = parser.getString();
            }
            parser.skipChildren();
        }
        return found;
    }

    /** A string, a number or a word as JSON, in the one form that {@link McpMessage} has too. */
    private static String scalar(JsonParser parser, JsonToken value) {
        String text = String.valueOf(parser.getString());
        if (value == JsonToken.VALUE_STRING) {
            return Jcs.canonical(new JsonString(text));
        }
        try {
            return value.isNumeric() ? Jcs.canonical(new JsonNumber(text)) : text;
        } catch (RuntimeException noDouble) {
            return text;
        }
    }
}
