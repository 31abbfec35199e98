package dev.errand.gateway.issuer.start;

import dev.errand.gateway.issuer.Answer;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.state.KeptAnswer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

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

    /** The whole answer in the form that earlier builds keep with the claim of the subject token. */
    KeptAnswer write() {
        Map<String, JsonValue> kept = new LinkedHashMap<>();
        kept.put("token", new JsonString(token));
        kept.put("expiry", JsonNumber.of(expiry));
        kept.put("details", details);
        kept.put("task", new JsonString(taskId));
        return new KeptAnswer(Jcs.canonicalBytes(new JsonObject(kept)));
    }

    /** Reads what {@link #write} wrote; an {@link IllegalStateException} for anything else. */
    static StartedTask read(KeptAnswer kept) {
        try {
            JsonObject object = (JsonObject) Json.parse(new String(kept.bytes(), StandardCharsets.UTF_8));
            return new StartedTask(
                    Objects.requireNonNull(object.string("token")),
                    ((JsonNumber) Objects.requireNonNull(object.get("expiry"))).asLong(),
                    (JsonArray) Objects.requireNonNull(object.get("details")),
                    Objects.requireNonNull(object.string("task")));
        } catch (MalformedJsonException | ClassCastException e) {
            throw new IllegalStateException("a kept start is not readable", e);
        }
    }
}
