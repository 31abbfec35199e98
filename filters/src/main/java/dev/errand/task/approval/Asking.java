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
 * What a call asks a human, as far as it does not depend on the task's state. Immutable; the bytes are never changed.
 *
 * @param id of the request that is opened if none stands
 * @param members of the digest: {@code task, leaf, operation, resource, args_hash, method, target, headers, body, revision}
 * @param leafExpiresMillis when the leaf ends by its time, epoch milliseconds
 * @param told JSON of what people are shown besides; at most {@value Approvals#MAX_TOLD} bytes
 * @param limit what the limit of the human who started the task says
 */
public record Asking(String id, JsonObject members, long leafExpiresMillis, byte[] told, Limit limit) {
    /** Whether one more request may be opened for the human who started the task. */
    public enum Limit {
        /** The limit was not asked yet. Nothing is opened, and the outcome of the step says so. */
        UNASKED,
        /** One request was taken from it. */
        ADMITTED,
        /** It has none left. */
        FULL,
        /** Nobody is asked here: the state is written in a format that keeps no requests. */
        OFF
    }

    /** The same with what the limit says. */
    public Asking with(Limit said) {
        return new Asking(id, members, leafExpiresMillis, told, said);
    }

    /** Hash of what the call is, whatever the task's state: base64url. */
    public String call() {
        return Sha256.base64UrlOf(Jcs.canonicalBytes(members));
    }

    /** Hash of what the call is in that state of its task: base64url. */
    public String match(String at, boolean trusted, String code) {
        return Sha256.base64UrlOf(Jcs.canonicalBytes(inState(members, at, trusted, code)));
    }

    /** What is approved, for a request that ends then. */
    public String digest(String at, boolean trusted, String code, long expiresMillis) {
        return digest(members, at, trusted, code, expiresMillis);
    }

    /** {@code sha-256:} and the digest of the members in that state of the task, for a request that ends then. */
    public static String digest(JsonObject members, String at, boolean trusted, String code, long expiresMillis) {
        return Sha256.labelOf(Jcs.canonicalBytes(whole(members, at, trusted, code, expiresMillis)));
    }

    /** Every member of the digest under its name. */
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
