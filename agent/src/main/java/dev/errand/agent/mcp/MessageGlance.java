package dev.errand.agent.mcp;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * What the bridge needs to know of a server's message. The reading is lenient, since the client judges the message:
 * long strings, deep values, duplicate members and lone surrogates are no faults. Immutable.
 *
 * @param jsonRpc whether it has a member {@code jsonrpc}
 * @param reply whether it answers a request: it has an id and no method
 * @param revision the value of {@code result.protocolVersion}, or null
 */
record MessageGlance(
        boolean jsonRpc, boolean reply, @Nullable String revision) {
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

    /** Reads a message; null if it is not a JSON object. */
    static @Nullable MessageGlance of(byte[] json) {
        boolean jsonRpc = false;
        boolean id = false;
        boolean method = false;
        String revision = null;
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "jsonrpc" -> jsonRpc = value == JsonToken.VALUE_STRING;
                    case "id" -> id = true;
                    case "method" -> method = value == JsonToken.VALUE_STRING;
                    case "result" -> revision = value == JsonToken.START_OBJECT ? revision(parser) : null;
                    default -> {}
                }
                parser.skipChildren();
            }
            return new MessageGlance(jsonRpc, id && !method, revision);
        } catch (JacksonException malformed) {
            return null;
        }
    }

    /** Reads an object up to its end. The parser stands at its start. */
    private static @Nullable String revision(JsonParser parser) {
        String revision = null;
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            JsonToken value = parser.nextToken();
            if (name.equals("protocolVersion") && value == JsonToken.VALUE_STRING) {
                revision = parser.getString();
            }
            parser.skipChildren();
        }
        return revision;
    }
}
