package dev.errand.operation;

import dev.errand.json.Json;
import dev.errand.json.JsonValue;
import java.util.List;
import java.util.Locale;

/** The body of a request as one JSON value, for operations that the body names or whose arguments it holds. */
public sealed interface JsonBody {
    /** The most bytes of such a body. */
    int MAX_BYTES = 1 << 20;

    /** The body is one JSON value. */
    record Value(JsonValue value) implements JsonBody {}

    /** There is no body. */
    record Empty() implements JsonBody {}

    /** The body is not one JSON value. The reason quotes nothing of it. */
    record Malformed(String why) implements JsonBody {}

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
            return new Value(Json.parse(body));
        } catch (Json.MalformedJsonException e) {
            return new Malformed("the body is not one JSON value: " + e.getMessage());
        }
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
