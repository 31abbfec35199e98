package dev.errand.holder;

import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.Anchor;
import dev.errand.token.Capability;
import dev.errand.token.CapabilityParser;
import dev.errand.token.ChainResult;
import dev.errand.token.ChainVerifier;
import dev.errand.token.DelegationToken;
import dev.errand.token.HolderKey;
import dev.errand.token.Human;
import dev.errand.token.Instruction;
import dev.errand.token.Limits;
import dev.errand.token.MalformedConstraintException;
import dev.errand.token.RootFacts;
import dev.errand.token.SignatureVerifier;
import dev.errand.token.TaskBounds;
import dev.errand.token.TokenDialect;
import dev.errand.token.TokenId;
import dev.errand.token.VerifiedChain;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A child token that the parent's holder makes offline. If the child would not verify below the parent, it is refused
 * with the step of AAT-02 section 5 that would fail.
 *
 * @param childKey the public JWK of the child's holder
 * @param tools the child's tools; null for the parent's own
 * @param bounds the child's {@code errand_task} members beside {@code type}; other members are the parent's
 * @param lifetimeSeconds the longest lifetime; the parent's {@code exp} may shorten it
 * @param maxDepth its {@code del_max_depth}; null for the parent's
 * @param actor its {@code act.sub}, or null
 * @param instruction its instruction, or null
 */
public record Derivation(
        JsonObject childKey,
        @Nullable JsonObject tools,
        JsonObject bounds,
        long lifetimeSeconds,
        @Nullable Long maxDepth,
        @Nullable String actor,
        @Nullable JsonObject instruction) {
    private static final String THUMBPRINT_URI = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:";

    /** Makes the child of a token. The key is that of the parent's holder. */
    public String derive(AgentKey key, String parent, Instant now) {
        JsonObject above = Proofs.payload(parent);
        long issuedAt = Math.max(now.getEpochSecond(), integer(above, "iat"));
        long depth = integer(above, "del_depth");
        JsonMembers claims = new JsonMembers();
        claims.put("jti", UUID.randomUUID().toString());
        claims.put("iss", THUMBPRINT_URI + key.thumbprint());
        claims.put("iat", issuedAt);
        long expiry = integer(above, "exp");
        // The lifetime is compared first: the sum with a long one could overflow.
        boolean shorter = lifetimeSeconds < expiry - issuedAt;
        claims.put("exp", shorter ? issuedAt + lifetimeSeconds : expiry);
        claims.put("cnf", new JsonObject(Map.of("jwk", childKey)));
        claims.put("del_depth", depth + 1);
        claims.put("del_max_depth", maxDepth == null ? integer(above, "del_max_depth") : maxDepth);
        claims.put("par_hash", Proofs.hash(parent));
        claims.put("authorization_details", details(above));
        if (actor != null) {
            claims.put("act", new JsonObject(Map.of("sub", new JsonString(actor))));
        }
        claims.put("instruction", instruction);
        JsonObject header = new JsonMembers()
                .put("typ", TokenDialect.AAT.type())
                .put("alg", key.algorithm())
                .toJson();
        String child = key.sign(header, claims.toJson());
        check(parent, above, child, now);
        return child;
    }

    private JsonArray details(JsonObject above) {
        List<JsonValue> details = new ArrayList<>();
        JsonObject capability = entry(above, Capability.TYPE);
        Map<String, JsonValue> granted = new LinkedHashMap<>(capability.members());
        if (tools != null) {
            granted.put("tools", tools);
        }
        details.add(new JsonObject(granted));
        Map<String, JsonValue> narrowed =
                new LinkedHashMap<>(entry(above, TaskBounds.TYPE).members());
        narrowed.putAll(bounds.members());
        narrowed.remove("sequence");
        narrowed.remove("pinned");
        if (!narrowed.isEmpty()) {
            narrowed.put("type", new JsonString(TaskBounds.TYPE));
            details.add(new JsonObject(narrowed));
        }
        return new JsonArray(details);
    }

    /** Verifies the child below its parent, whose own claims are taken as true here, unlike in a real verifier. */
    private static void check(String parent, JsonObject above, String child, Instant now) {
        SignatureVerifier signatures = new JoseSignatureVerifier();
        JsonObject confirmation = above.object("cnf");
        JsonObject jwk = confirmation == null ? null : confirmation.object("jwk");
        HolderKey holder = (jwk == null ? java.util.Optional.<HolderKey>empty() : signatures.parsePublicKey(jwk))
                .orElseThrow(() -> new AgentException(
                        "the parent token has no cnf.jwk, so that it names no holder who could derive: give a"
                                + " root token or a derived one"));
        DelegationToken token = new DelegationToken(
                new TokenId(Proofs.hash(parent)),
                String.valueOf(above.string("jti")),
                String.valueOf(above.string("iss")),
                integer(above, "iat"),
                integer(above, "exp"),
                holder,
                List.of(),
                Math.toIntExact(integer(above, "del_depth")),
                Math.toIntExact(integer(above, "del_max_depth")),
                capability(above),
                bounds(above),
                null,
                instruction(above));
        RootFacts facts = new RootFacts("parent", new Human("", ""), null, null, null, JsonObject.EMPTY, null, null);
        VerifiedChain ancestors = new VerifiedChain(List.of(token), facts, holder.thumbprint(), parent.length());
        List<Anchor> anchors = List.of(new Anchor(null, null, holder, false));
        ChainResult result = new ChainVerifier(signatures, () -> anchors, Set.of("parent"), Limits.DEFAULT)
                .extend(ancestors, child, now);
        if (result instanceof ChainResult.Refused rejected) {
            throw new UnverifiableChildException(rejected.step(), rejected.reason());
        }
    }

    private static Capability capability(JsonObject above) {
        try {
            return CapabilityParser.parse(entry(above, Capability.TYPE), CapabilityParser.MAX_NESTING);
        } catch (MalformedConstraintException e) {
            throw new AgentException("the parent's tools are malformed: " + e.getMessage());
        }
    }

    private static TaskBounds bounds(JsonObject above) {
        JsonObject entry = entry(above, TaskBounds.TYPE);
        List<TaskBounds.Limit> limits = new ArrayList<>();
        if (entry.get("limits") instanceof JsonArray array) {
            for (JsonValue value : array.values()) {
                if (value instanceof JsonObject limit) {
                    limits.add(new TaskBounds.Limit(integer(limit, "capacity"), integer(limit, "period")));
                }
            }
        }
        return new TaskBounds(
                entry.get("calls") == null ? null : integer(entry, "calls"),
                entry.get("children") == null ? null : integer(entry, "children"),
                limits,
                entry.string("sequence"));
    }

    private static @Nullable Instruction instruction(JsonObject above) {
        JsonObject json = above.object("instruction");
        String source = json == null ? null : json.string("source");
        String integrity = json == null ? null : json.string("integrity");
        if (json == null || source == null || integrity == null) {
            return null;
        }
        try {
            return new Instruction(
                    Instruction.Source.valueOf(source.toUpperCase(Locale.ROOT)),
                    json.string("ref"),
                    json.string("digest"),
                    Instruction.Integrity.valueOf(integrity.toUpperCase(Locale.ROOT)));
        } catch (IllegalArgumentException e) {
            throw new AgentException("the parent's instruction is malformed");
        }
    }

    /** The entry of that type; empty where there is none. */
    private static JsonObject entry(JsonObject claims, String type) {
        if (claims.get("authorization_details") instanceof JsonArray details) {
            for (JsonValue detail : details.values()) {
                if (detail instanceof JsonObject entry && type.equals(entry.string("type"))) {
                    return entry;
                }
            }
        }
        return JsonObject.EMPTY;
    }

    private static long integer(JsonObject claims, String name) {
        if (claims.get(name) instanceof JsonNumber number && number.isLong()) {
            return number.asLong();
        }
        throw new AgentException("the token's " + name + " is not an integer");
    }
}
