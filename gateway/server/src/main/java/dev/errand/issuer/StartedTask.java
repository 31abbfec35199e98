package dev.errand.issuer;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue.JsonArray;

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
        JsonMembers body = new JsonMembers();
        body.put("access_token", token);
        body.put("issued_token_type", StartForm.ACCESS_TOKEN);
        body.put("token_type", "DPoP");
        body.put("expires_in", Math.max(0, expiry - nowSeconds));
        body.put("authorization_details", details);
        body.put("task_id", taskId);
        return Answer.ok(body.toJson());
    }
}
