package dev.errand.task.approval;

import dev.errand.bytes.Sha256;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The question of a call to humans, as far as it does not depend on the task's state. Immutable; nobody may change the
 * array.
 *
 * @param id the id of the request, if one must be opened
 * @param members the members of the digest: {@code task, leaf, operation, resource, args_hash, method, target, headers,
 *     body, revision}
 * @param leafExpiresMillis when the leaf expires, epoch milliseconds
 * @param told JSON of everything else that people are shown; at most {@value Approvals#MAX_TOLD} bytes
 * @param limit the answer of the request limit of the human who started the task
 */
public record Asking(String id, JsonObject members, long leafExpiresMillis, byte[] told, Limit limit) {
    /** Whether one more request may be opened for the human who started the task. */
    public enum Limit {
        /** The limit was not asked yet. No request is opened, and the outcome of the step says so. */
        UNASKED,
        /** The limit admitted one request. */
        ADMITTED,
        /** The limit admits no more requests. */
        FULL
    }

    /** The same question with the answer of the limit. */
    public Asking with(Limit said) {
        return new Asking(id, members, leafExpiresMillis, told, said);
    }

    /** Hash of the call without the task's state: base64url. */
    public String call() {
        return Sha256.base64UrlOf(Jcs.canonicalBytes(members));
    }

    /** Hash of the call together with that state of its task: base64url. */
    public String match(String at, boolean trusted, String code) {
        return Sha256.base64UrlOf(Jcs.canonicalBytes(inState(members, at, trusted, code)));
    }

    /** The digest to approve, for a request that ends at that time. */
    public String digest(String at, boolean trusted, String code, long expiresMillis) {
        return digest(members, at, trusted, code, expiresMillis);
    }

    /**
     * {@code sha-256:} and the digest of the members in that state of the task, for a request that ends at that time.
     */
    public static String digest(JsonObject members, String at, boolean trusted, String code, long expiresMillis) {
        return Sha256.labelOf(Jcs.canonicalBytes(whole(members, at, trusted, code, expiresMillis)));
    }

    /** All members of the digest by name. */
    public static JsonObject whole(JsonObject members, String at, boolean trusted, String code, long expiresMillis) {
        Map<String, JsonValue> all =
                new LinkedHashMap<>(inState(members, at, trusted, code).members());
        all.put("expires", JsonNumber.of(expiresMillis / 1000));
        return new JsonObject(all);
    }

    private static JsonObject inState(JsonObject members, String at, boolean trusted, String code) {
        Map<String, JsonValue> all = new LinkedHashMap<>(members.members());
        all.put("state_before", new JsonString(at));
        all.put("integrity", new JsonString(trusted ? "trusted" : "untrusted"));
        all.put("code", new JsonString(code));
        return new JsonObject(all);
    }
}
