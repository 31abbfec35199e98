package dev.errand.issuer;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The answer to a successful start and to each repetition of its request (RFC 8693 section 2.2.1).
 *
 * @param token the root token
 * @param expiry its {@code exp}, epoch seconds
 * @param details what was granted
 * @param taskId the task
 */
record StartedTask(String token, long expiry, JsonArray details, String taskId) {
    Answer answer(long nowSeconds) {
        Map<String, JsonValue> body = new LinkedHashMap<>();
        body.put("access_token", new JsonString(token));
        body.put("issued_token_type", new JsonString(StartForm.ACCESS_TOKEN));
        body.put("token_type", new JsonString("DPoP"));
        body.put("expires_in", JsonNumber.of(Math.max(0, expiry - nowSeconds)));
        body.put("authorization_details", details);
        body.put("task_id", new JsonString(taskId));
        return Answer.ok(new JsonObject(body));
    }
}
