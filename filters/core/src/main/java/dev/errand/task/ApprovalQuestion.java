package dev.errand.task;

import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.Sha256;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

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
public record ApprovalQuestion(String id, JsonObject members, long leafExpiresMillis, byte[] told, Limit limit) {
    /** The members of the digest that differ between the calls of an offer. */
    private static final List<String> OF_ONE_CALL = List.of("args_hash", "target", "body", "headers");

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
    public ApprovalQuestion with(Limit said) {
        return new ApprovalQuestion(id, members, leafExpiresMillis, told, said);
    }

    /** Hash of the call without the task's state: base64url. */
    public String call() {
        return Sha256.base64UrlOf(Jcs.canonicalBytes(members));
    }

    /** Hash of the operation and its arguments: base64url. Another header or body makes no other subject. */
    public String subject() {
        return Sha256.base64UrlOf(Jcs.canonicalBytes(new JsonArray(Stream.of("operation", "args_hash")
                .map(name -> Objects.requireNonNullElse(members.get(name), JsonNull.NULL))
                .toList())));
    }

    /** Hash of the call together with that state of its task: base64url. The objections may be others. */
    public String match(String at, boolean trusted) {
        return Sha256.base64UrlOf(Jcs.canonicalBytes(new JsonObject(inState(members, at, trusted))));
    }

    /**
     * {@code sha-256:} and the digest to approve, in that state of the task.
     *
     * @param objected all objections to the call
     * @param expiresMillis when the request ends
     */
    public String digest(String at, boolean trusted, List<ShownObjection> objected, long expiresMillis) {
        return Sha256.labelOf(Jcs.canonicalBytes(whole(members, at, trusted, objected, expiresMillis)));
    }

    /**
     * Hash of what this call and the others of an offer have in common: base64url.
     *
     * @param fixed the values of the fixed arguments by name
     */
    public String matchOfMany(JsonObject fixed) {
        JsonMembers all = new JsonMembers();
        for (String name : List.of("task", "leaf", "operation", "revision")) {
            all.put(name, Objects.requireNonNullElse(members.get(name), JsonNull.NULL));
        }
        all.put("fixed", fixed);
        return Sha256.base64UrlOf(Jcs.canonicalBytes(all.toJson()));
    }

    /** Of these values of arguments those that stay the same in all calls of an offer. */
    public static JsonObject fixed(JsonObject arguments, Offer.Terms terms) {
        JsonMembers fixed = new JsonMembers();
        terms.fixed().forEach(name -> fixed.put(name, Objects.requireNonNullElse(arguments.get(name), JsonNull.NULL)));
        return fixed.toJson();
    }

    /** {@code {"calls":…,"fixed":{name: value}}}, and {@code "task":true} if it ends with the task. */
    public static JsonObject offer(JsonObject fixed, Offer.Terms terms) {
        JsonMembers offer = new JsonMembers();
        offer.put("calls", terms.calls());
        offer.put("fixed", fixed);
        if (terms.task()) {
            offer.put("task", true);
        }
        return offer.toJson();
    }

    /**
     * The offer beside this question.
     *
     * @param fixed the values of the fixed arguments
     * @param expiresMillis when the request ends
     * @param taskMillis when the task ends
     */
    public Offer offer(
            Offer.Terms terms,
            JsonObject fixed,
            String at,
            boolean trusted,
            List<ShownObjection> objected,
            long expiresMillis,
            long taskMillis) {
        Map<String, JsonValue> all = new LinkedHashMap<>(
                whole(members, at, trusted, objected, expiresMillis).members());
        OF_ONE_CALL.forEach(all::remove);
        all.put("offer", offer(fixed, terms));
        return new Offer(
                terms,
                matchOfMany(fixed),
                Sha256.labelOf(Jcs.canonicalBytes(new JsonObject(all))),
                terms.task() ? Math.min(leafExpiresMillis, taskMillis) : expiresMillis,
                false,
                List.of());
    }

    /** All members of the digest by name. */
    public static JsonObject whole(JsonObject members, ApprovalRequest request) {
        return whole(members, request.at(), request.trusted(), request.objected(), request.expiresMillis());
    }

    private static JsonObject whole(
            JsonObject members, String at, boolean trusted, List<ShownObjection> objected, long expiresMillis) {
        Map<String, JsonValue> all = inState(members, at, trusted);
        all.put("code", new JsonString(objected.get(0).code()));
        all.put("objections", new JsonString(ShownObjection.hash(objected)));
        all.put("expires", JsonNumber.of(expiresMillis / 1000));
        return new JsonObject(all);
    }

    private static Map<String, JsonValue> inState(JsonObject members, String at, boolean trusted) {
        Map<String, JsonValue> all = new LinkedHashMap<>(members.members());
        all.put("state_before", new JsonString(at));
        all.put("integrity", new JsonString(trusted ? "trusted" : "untrusted"));
        return all;
    }
}
