package dev.errand.agent;

import dev.errand.holder.Derivation;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request for a child, as a companion sends it to the companion above it: the body of a {@code POST} to
 * {@code ERRAND_DERIVE}.
 */
final class ChildRequest {
    private static final Set<String> MEMBERS = Set.of("jwk", "allow", "calls", "children", "lifetime", "instruction");
    private static final List<String> OBJECTS = List.of("jwk", "allow", "instruction");
    private static final List<String> NUMBERS = List.of("calls", "children", "lifetime");
    private static final long LIFETIME_SECONDS = 300;

    private ChildRequest() {}

    static Derivation parse(byte[] body) throws RefusedChildException {
        JsonObject json;
        try {
            json = Json.parseObject(body);
        } catch (MalformedJsonException e) {
            throw new RefusedChildException("task:body", "the body is not one JSON object: " + e.getMessage());
        }
        for (String member : json.members().keySet()) {
            if (!MEMBERS.contains(member)) {
                throw new RefusedChildException("task:" + member, "there is no such member");
            }
        }
        for (String member : OBJECTS) {
            if (json.get(member) != null && json.object(member) == null) {
                throw new RefusedChildException("task:" + member, "it must be an object");
            }
        }
        JsonObject jwk = json.object("jwk");
        if (jwk == null) {
            throw new RefusedChildException("task:jwk", "the child's public key is missing");
        }
        JsonMembers bounds = new JsonMembers();
        for (String member : NUMBERS) {
            Long number = number(json, member);
            if (number != null && !member.equals("lifetime")) {
                bounds.put(member, number);
            }
        }
        Long lifetime = number(json, "lifetime");
        return new Derivation(
                jwk,
                json.object("allow"),
                bounds.toJson(),
                lifetime == null ? LIFETIME_SECONDS : lifetime,
                null,
                null,
                json.object("instruction"));
    }

    private static @Nullable Long number(JsonObject json, String member) throws RefusedChildException {
        JsonValue value = json.get(member);
        if (value == null) {
            return null;
        }
        long least = member.equals("lifetime") ? 1 : 0;
        if (value instanceof JsonNumber number && number.isLong() && number.asLong() >= least) {
            return number.asLong();
        }
        throw new RefusedChildException("task:" + member, "it must be a whole number of at least " + least);
    }
}
