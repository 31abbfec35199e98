package dev.errand.json;

import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonString;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.async.ByteArrayFeeder;
import tools.jackson.core.json.JsonFactory;

/**
 * Parses one JSON value that arrives in parts, and gives the sink each scalar with its path. As strict as {@link Json}:
 * UTF-8, one value, no duplicate member, nested at most {@link Json#MAX_DEPTH} deep. It holds only the current token.
 * Not thread-safe.
 */
public final class JsonTokens {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Json.MAX_DEPTH)
                    .maxNumberLength(128)
                    .maxStringLength(1 << 20)
                    .maxNameLength(8192)
                    .build())
            .build();

    private final Sink sink;
    private final JsonParser parser = FACTORY.createNonBlockingByteArrayParser(ObjectReadContext.empty());
    private final Way way = new Way();
    private boolean complete;

    /** @param sink gets each scalar; null is not one */
    public JsonTokens(Sink sink) {
        this.sink = sink;
    }

    /** Receives a scalar. Path and value are valid until the method returns. */
    public interface Sink {
        void found(Way way, Scalar value) throws MalformedJsonException;
    }

    /** A scalar that is decoded only on demand. */
    public interface Scalar {
        JsonValue read() throws MalformedJsonException;
    }

    /** The path to a scalar. Not thread-safe. */
    public static final class Way {
        private final @Nullable String[] members = new String[Json.MAX_DEPTH + 1];
        private final int[] indexes = new int[Json.MAX_DEPTH + 1];
        private int depth;

        /** How many objects and arrays enclose the scalar. */
        public int depth() {
            return depth;
        }

        /** The member's name at that level, 0 for the outermost; null at the level of an array. */
        public @Nullable String member(int level) {
            return members[level];
        }

        /** The item's index at that level, if that is the level of an array. */
        public int index(int level) {
            return indexes[level];
        }
    }

    /** Parses the next bytes. */
    public void push(byte[] part) throws MalformedJsonException {
        try {
            ((ByteArrayFeeder) parser.nonBlockingInputFeeder()).feedInput(part, 0, part.length);
            read();
        } catch (JacksonException malformed) {
            throw new MalformedJsonException("not JSON, a duplicate member, or too deep");
        }
    }

    /** Ends the text. Throws if the value is not complete. */
    public void end() throws MalformedJsonException {
        try {
            parser.nonBlockingInputFeeder().endOfInput();
            read();
        } catch (JacksonException malformed) {
            throw new MalformedJsonException("not JSON, a duplicate member, or too deep");
        } finally {
            parser.close();
        }
        if (!complete) {
            throw new MalformedJsonException("empty, or broken off");
        }
    }

    private void read() throws MalformedJsonException {
        JsonToken token = parser.nextToken();
        while (token != null && token != JsonToken.NOT_AVAILABLE) {
            if (complete) {
                throw new MalformedJsonException("more than one value");
            }
            read(token);
            token = parser.nextToken();
        }
    }

    private void read(JsonToken token) throws MalformedJsonException {
        switch (token) {
            case START_OBJECT, START_ARRAY -> {
                way.members[way.depth] = token == JsonToken.START_OBJECT ? "" : null;
                way.indexes[way.depth] = 0;
                way.depth++;
            }
            case END_OBJECT, END_ARRAY -> {
                way.depth--;
                next();
            }
            case PROPERTY_NAME -> way.members[way.depth - 1] = parser.currentName();
            default -> {
                if (token != JsonToken.VALUE_NULL) {
                    sink.found(way, () -> scalar(token));
                }
                next();
            }
        }
    }

    private void next() {
        if (way.depth == 0) {
            complete = true;
        } else if (way.members[way.depth - 1] == null) {
            way.indexes[way.depth - 1]++;
        }
    }

    private JsonValue scalar(JsonToken token) throws MalformedJsonException {
        return switch (token) {
            case VALUE_STRING -> new JsonString(Json.whole(parser.getString()));
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonNumber(parser.getString());
            case VALUE_TRUE -> new JsonBoolean(true);
            case VALUE_FALSE -> new JsonBoolean(false);
            default -> throw new MalformedJsonException("unexpected token");
        };
    }
}
