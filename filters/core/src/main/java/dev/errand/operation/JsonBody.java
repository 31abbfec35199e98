package dev.errand.operation;

import dev.errand.json.Json;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.Printable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The body of a request as one JSON value, for operations that the body names or whose arguments it holds. */
public sealed interface JsonBody {
    /** The most bytes of such a body. */
    int MAX_BYTES = 1 << 20;

    /** Why a request with a {@link Misnamed} body is malformed. */
    String MISNAMED = "the name of a member of the body has a control character or one that is not seen";

    /** The body is one JSON value. */
    record Value(JsonValue value) implements JsonBody {}

    /**
     * The body is one JSON value, but the name of a member, at any depth, has a character that is not seen. Some readers drop
     * such a character, so that the name becomes another.
     */
    record Misnamed() implements JsonBody {}

    /** There is no body. */
    record Empty() implements JsonBody {}

    /** The body is not one JSON value. The reason quotes nothing of it. */
    record Malformed(String why) implements JsonBody {}

    /** Why a request whose operation or arguments the body holds is malformed; null if it is not. */
    default @Nullable String fault() {
        return this instanceof Malformed malformed ? malformed.why() : this instanceof Misnamed ? MISNAMED : null;
    }

    /**
     * Parses the body. It has no Content-Encoding, its Content-Type, if any, is JSON, and it has at most
     * {@link #MAX_BYTES}.
     */
    static JsonBody of(CatalogueRequest request) {
        RequestHeaders headers = request.headers();
        if (headers.hasLookalike("Content-Encoding") || headers.hasLookalike("Content-Type")) {
            return new Malformed("a header that some servers take for Content-Encoding or Content-Type");
        }
        for (String coding : headers.values("Content-Encoding")) {
            if (!coding.isBlank()) {
                return new Malformed("a body with a Content-Encoding cannot be read: send it plain");
            }
        }
        byte[] body = request.body();
        if (body == null || body.length == 0) {
            return new Empty();
        }
        List<String> types = headers.values("Content-Type");
        if (types.size() > 1 || (types.size() == 1 && !isJson(types.get(0)))) {
            return new Malformed("this operation takes a body of Content-Type application/json");
        }
        if (body.length > MAX_BYTES) {
            return new Malformed("a body larger than " + MAX_BYTES + " bytes");
        }
        try {
            JsonValue value = Json.parse(body);
            return isSeen(value) ? new Value(value) : new Misnamed();
        } catch (Json.MalformedJsonException e) {
            return new Malformed("the body is not one JSON value: " + e.getMessage());
        }
    }

    private static boolean isSeen(JsonValue value) {
        if (value instanceof JsonObject object) {
            for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
                if (!Printable.isPlain(member.getKey()) || !isSeen(member.getValue())) {
                    return false;
                }
            }
        } else if (value instanceof JsonArray array) {
            for (JsonValue element : array.values()) {
                if (!isSeen(element)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean isJson(String type) {
        String[] parts = type.toLowerCase(Locale.ROOT).split(";", -1);
        String media = parts[0].trim();
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].trim();
            boolean utf8 = parameter.equals("charset=utf-8") || parameter.equals("charset=\"utf-8\"");
            if (parameter.startsWith("charset") && !utf8) {
                return false;
            }
        }
        // Two media types on one line are not a media type.
        return media.equals("application/json")
                || (media.indexOf(',') < 0 && media.startsWith("application/") && media.endsWith("+json"));
    }
}
