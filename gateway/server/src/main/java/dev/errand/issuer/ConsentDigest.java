package dev.errand.issuer;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.Sha256;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The digest of all that a human agrees to at the page of the gateway. Pure. */
final class ConsentDigest {
    private ConsentDigest() {}

    /**
     * {@code sha-256:} and the digest of the JCS form (RFC 8785) of what is granted and to whom.
     *
     * @param jkt the thumbprint of the task's key
     * @param standing the runs that were asked for, or null
     */
    static String of(
            Grant grant, String agent, String jkt, @Nullable String purpose, @Nullable StandingAsked standing) {
        JsonObject bounds = grant.bounds().toJson();
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("template", new JsonString(grant.template().name()));
        members.put("revision", new JsonString(grant.template().revision()));
        members.put("agent", new JsonString(agent));
        members.put("jkt", new JsonString(jkt));
        members.put(
                "instruction", orNull(grant.instruction() == null ? null : RootToken.instruction(grant.instruction())));
        members.put("parameters", RootToken.parameters(grant));
        members.put("tools", orNull(grant.capability().toJson().get("tools")));
        members.put("calls", orNull(bounds.get("calls")));
        members.put("children", orNull(bounds.get("children")));
        members.put("limits", orNull(bounds.get("limits")));
        members.put("lifetime", JsonNumber.of(grant.lifetimeSeconds()));
        members.put("plan", orNull(bounds.get("sequence")));
        members.put("purpose", orNull(purpose == null ? null : new JsonString(purpose)));
        members.put("standing", orNull(standing == null ? null : standing.json()));
        return Sha256.labelOf(Jcs.canonicalBytes(new JsonObject(members)));
    }

    private static JsonValue orNull(@Nullable JsonValue value) {
        return value == null ? JsonNull.NULL : value;
    }
}
