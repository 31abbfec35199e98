package dev.errand.issuer;

import dev.errand.jose.SigningKey;
import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.HolderKey;
import dev.errand.token.Instruction;
import dev.errand.token.SpiffeId;
import dev.errand.token.TokenDialect;
import dev.errand.token.TokenId;
import java.nio.charset.StandardCharsets;

/**
 * A root token (AAT-02 section 1, and the claims of section 6 item 3).
 *
 * @param compact the signed token
 * @param id the key of its state
 * @param expiry its {@code exp}, epoch seconds
 * @param details its {@code authorization_details}
 */
record RootToken(String compact, TokenId id, long expiry, JsonArray details) {
    /** The longest token that chains may hold, in bytes. */
    static final int MAX_BYTES = 16 * 1024;

    /** Why a root is refused that would be longer. */
    static final String TOO_LONG = "the token would be longer than chains may hold: ask for fewer tools";

    /** At most so many bytes of claims do not come from the grant: the human, the agent, keys, times, consent. */
    private static final int OTHER_CLAIMS = 2048;

    static RootToken sign(
            SigningKey key,
            String issuer,
            String jti,
            String taskId,
            long nowSeconds,
            HolderKey holder,
            SpiffeId agent,
            SubjectToken subject,
            Grant grant) {
        long expiry = nowSeconds + grant.lifetimeSeconds();
        JsonArray details = new JsonArray(
                java.util.List.of(grant.capability().toJson(), grant.bounds().toJson()));
        JsonMembers claims = new JsonMembers();
        claims.put("jti", jti);
        claims.put("iss", issuer);
        claims.put("aud", issuer);
        claims.put("iat", nowSeconds);
        claims.put("exp", expiry);
        claims.put("cnf", object("jwk", holder.jwk()));
        claims.put("del_depth", 0);
        claims.put("del_max_depth", grant.template().delegation().maxDepth());
        claims.put("sub", subject.human().subject());
        claims.put(
                "sub_id",
                object(
                        "format",
                        new JsonString("iss_sub"),
                        "iss",
                        new JsonString(subject.human().issuer()),
                        "sub",
                        new JsonString(subject.human().subject())));
        if (subject.claims().get("auth_time") instanceof JsonNumber authTime && authTime.isLong()) {
            claims.put("auth_time", authTime);
        }
        if (subject.claims().get("acr") instanceof JsonString acr
                && !acr.value().isEmpty()) {
            claims.put("acr", acr);
        }
        claims.put("act", object("sub", new JsonString(agent.toString()), "sub_profile", new JsonString("ai_agent")));
        claims.put("task", task(taskId, grant));
        Instruction instruction = grant.instruction();
        if (instruction != null) {
            claims.put("instruction", instruction(instruction));
        }
        claims.put("consent", grant.consent());
        claims.put("standing", grant.standing());
        claims.put("authorization_details", details);
        String compact = key.signJws(TokenDialect.AAT.type(), Jcs.canonicalBytes(claims.toJson()));
        return new RootToken(compact, idOf(compact), expiry, details);
    }

    /** The SHA-256 of a compact token's signing input. */
    static TokenId idOf(String compact) {
        return TokenId.ofSigningInput(
                compact.substring(0, compact.lastIndexOf('.')).getBytes(StandardCharsets.US_ASCII));
    }

    /** Whether a root with this grant is short enough, whoever allows it. */
    static boolean fits(Grant grant) {
        JsonObject claims = object(
                "tools", grant.capability().toJson(),
                "bounds", grant.bounds().toJson(),
                "parameters", parameters(grant));
        // A token is base64url: four characters for three bytes.
        return (Jcs.canonicalBytes(claims).length + OTHER_CLAIMS) / 3 * 4 <= MAX_BYTES;
    }

    /** The parameters as the root has them. */
    static JsonObject parameters(Grant grant) {
        JsonMembers parameters = new JsonMembers();
        grant.parameters().forEach((name, value) -> parameters.put(name, value.toJson()));
        return parameters.toJson();
    }

    private static JsonObject task(String taskId, Grant grant) {
        return object(
                "id", new JsonString(taskId),
                "template", new JsonString(grant.template().name()),
                "revision", new JsonString(grant.template().revision()),
                "parameters", parameters(grant));
    }

    static JsonObject instruction(Instruction instruction) {
        JsonMembers members = new JsonMembers();
        members.put("source", instruction.source().wire());
        members.put("ref", instruction.ref());
        members.put("digest", instruction.digest());
        members.put("integrity", instruction.integrity().wire());
        return members.toJson();
    }

    private static JsonObject object(Object... namesAndValues) {
        JsonMembers members = new JsonMembers();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            members.put((String) namesAndValues[i], (JsonValue) namesAndValues[i + 1]);
        }
        return members.toJson();
    }
}
