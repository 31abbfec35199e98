package dev.errand.json;

import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/**
 * The strict parser of untrusted JSON: exactly one value, UTF-8, no duplicate member at any depth, no lone surrogate,
 * bounded nesting. It uses Jackson's tokens and not its tree: a number in that tree loses its original text, which
 * decides whether it is admissible (AAT-02 section 2). Thread-safe.
 */
public final class Json {
    /** The deepest nesting of arrays and objects in text from outside. */
    public static final int MAX_DEPTH = 64;

    /**
     * The deepest nesting of a text that an authenticated party signed and whose size is bounded. It is larger than
     * {@link #MAX_DEPTH}, so that a more specific rule can report that the text nests too deep.
     */
    public static final int MAX_DEPTH_OF_SIGNED_TEXT = 800;

    private static final char REPLACEMENT = '\uFFFD';
    private static final String NOT_STRICT = "not JSON, a duplicate member, or too deep";

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .recyclerPool(JsonRecyclerPools.threadLocalPool())
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH_OF_SIGNED_TEXT)
                    .maxNumberLength(128)
                    .maxStringLength(1 << 20)
                    .maxNameLength(8192)
                    .build())
            .build();

    private Json() {}

    /** The text is not one JSON value by the rules of this class. The message never quotes the text. */
    public static final class MalformedJsonException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedJsonException(String message) {
            super(message);
        }
    }

    /** Parses UTF-8 bytes; bytes that are not UTF-8 are malformed. */
    public static JsonValue parse(byte[] utf8) throws MalformedJsonException {
        return parse(decode(utf8), MAX_DEPTH);
    }

    /** Parses one value. Only white space may follow it. */
    public static JsonValue parse(String text) throws MalformedJsonException {
        return parse(text, MAX_DEPTH);
    }

    /** Like {@link #parse(byte[])}, for text that must be an object. */
    public static JsonObject parseObject(byte[] utf8) throws MalformedJsonException {
        return parseObject(utf8, MAX_DEPTH);
    }

    /** Like {@link #parseObject(byte[])}, with this deepest nesting, 1 to {@link #MAX_DEPTH_OF_SIGNED_TEXT}. */
    public static JsonObject parseObject(byte[] utf8, int maxDepth) throws MalformedJsonException {
        if (parse(decode(utf8), maxDepth) instanceof JsonObject object) {
            return object;
        }
        throw new MalformedJsonException("not an object");
    }

    private static String decode(byte[] utf8) throws MalformedJsonException {
        String text = new String(utf8, StandardCharsets.UTF_8);
        // Java replaces malformed bytes by U+FFFD. The sender may also have sent U+FFFD itself. So the bytes are
        // decoded strictly again only if the text holds U+FFFD.
        if (text.indexOf(REPLACEMENT) < 0) {
            return text;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedJsonException("not UTF-8");
        }
    }

    private static JsonValue parse(String text, int maxDepth) throws MalformedJsonException {
        try (JsonParser parser = FACTORY.createParser(text)) {
            if (parser.nextToken() == null) {
                throw new MalformedJsonException("empty");
            }
            JsonValue value = read(parser, maxDepth);
            if (parser.nextToken() != null) {
                throw new MalformedJsonException("more than one value");
            }
            return value;
        } catch (JacksonException e) {
            throw new MalformedJsonException(NOT_STRICT);
        }
    }

    private static JsonValue read(JsonParser parser, int levels) throws MalformedJsonException {
        JsonToken token = parser.currentToken();
        if (token.isStructStart() && levels == 0) {
            throw new MalformedJsonException("too deep");
        }
        return switch (token) {
            case START_OBJECT -> {
                Map<String, JsonValue> members = new JsonObject.Parsed();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = whole(parser.currentName());
                    if (members.containsKey(name)) {
                        throw new MalformedJsonException(NOT_STRICT);
                    }
                    parser.nextToken();
                    members.put(name, read(parser, levels - 1));
                }
                yield new JsonObject(members);
            }
            case START_ARRAY -> {
                List<JsonValue> values = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    values.add(read(parser, levels - 1));
                }
                yield new JsonArray(values);
            }
            case VALUE_STRING -> new JsonString(whole(parser.getString()));
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonNumber(parser.getString());
            case VALUE_TRUE -> new JsonBoolean(true);
            case VALUE_FALSE -> new JsonBoolean(false);
            case VALUE_NULL -> JsonNull.NULL;
            default -> throw new MalformedJsonException("unexpected token");
        };
    }

    static String whole(String text) throws MalformedJsonException {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw new MalformedJsonException("a lone surrogate");
            }
        }
        return text;
    }
}
