package dev.errand.issuer;

import dev.errand.json.JsonValue.JsonObject;
import java.util.Map;

/**
 * What one of the OAuth endpoints answers: always JSON, never stored by a cache.
 *
 * @param status the HTTP status
 * @param body the JSON body; empty for none
 * @param headers further header fields
 */
record Answer(int status, JsonObject body, Map<String, String> headers) {
    public Answer {
        headers = Map.copyOf(headers);
    }

    public static Answer ok(JsonObject body) {
        return new Answer(200, body, Map.of());
    }
}
