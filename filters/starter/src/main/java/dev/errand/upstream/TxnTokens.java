package dev.errand.upstream;

import dev.errand.jose.SigningKeys;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonWriter;
import dev.errand.operation.OperationCall;
import dev.errand.task.ApprovedUse;
import dev.errand.token.Holder;
import dev.errand.token.Holders;
import dev.errand.token.Human;
import dev.errand.token.Instruction;
import dev.errand.token.RootFacts;
import dev.errand.upstream.TxnClaims.PlanPosition;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Issues transaction tokens (draft-ietf-oauth-transaction-tokens-10), one for each permitted call. A token says who is
 * responsible for the call, what the call does, and under which delegation. Thread-safe; signing is CPU work and never
 * blocks.
 */
public final class TxnTokens {
    /** {@code exp - iat}. */
    public static final long LIFETIME_SECONDS = 60;

    /** The {@code typ} of the header. */
    public static final String TYPE = "txntoken+jwt";

    private final SigningKeys keys;
    private final String issuer;
    private final byte[] prefix;
    private final String requestingWorkload;

    /**
     * @param issuer {@code errand.issuer}, the {@code iss}
     * @param trustDomain the {@code aud}; the gateway's own name in it is {@code spiffe://<trustDomain>/errand}
     */
    public TxnTokens(String issuer, String trustDomain, SigningKeys keys) {
        this.keys = keys;
        this.issuer = issuer;
        this.prefix = new JsonWriter()
                .object()
                .member("iss", issuer)
                .member("aud", trustDomain)
                .toBytes();
        this.requestingWorkload = requestingWorkload(trustDomain);
    }

    /** The {@code req_wl} of the gateway in a trust domain. */
    static String requestingWorkload(String trustDomain) {
        return "spiffe://" + trustDomain + "/errand";
    }

    /** The token of one call, good for {@value #LIFETIME_SECONDS} seconds. */
    public String issue(TxnClaims claims, Instant now) {
        return keys.transactionKey().signJws(TYPE, payload(claims, now));
    }

    private byte[] payload(TxnClaims claims, Instant now) {
        RootFacts root = claims.root();
        long issuedAt = now.getEpochSecond();
        JsonWriter json = JsonWriter.continuing(prefix)
                .member("iat", issuedAt)
                .member("exp", issuedAt + LIFETIME_SECONDS)
                .member("txn", claims.decision())
                .member("sub", root.human().subject())
                .name("sub_id")
                .object()
                .member("format", "iss_sub")
                .member("iss", root.human().issuer())
                .member("sub", root.human().subject())
                .end();
        actor(json, root);
        json.member("scope", scope(claims)).member("req_wl", requestingWorkload);
        context(json.name("tctx").object(), claims);
        json.end().name("rctx").object().member("htm", claims.method());
        Instruction instruction = claims.instruction();
        if (instruction != null) {
            instruction(json.name("instruction").object(), instruction);
            json.end();
        }
        return json.end().end().toBytes();
    }

    private void actor(JsonWriter json, RootFacts root) {
        if (root.actor() == null) {
            return;
        }
        json.name("act").object().member("sub", root.actor());
        // We do not know the kind of another anchor's actor.
        if (root.anchor().equals(issuer)) {
            json.member("sub_profile", "ai_agent");
        }
        json.end();
    }

    private static void context(JsonWriter json, TxnClaims claims) {
        StringBuilder operations = new StringBuilder();
        for (OperationCall call : claims.calls()) {
            operations
                    .append(operations.isEmpty() ? "" : " ")
                    .append(call.operation().id());
        }
        json.member("task", claims.task())
                .member("anchor", claims.root().otherAnchor())
                .member("route", claims.route())
                .member("op", operations.toString());
        json.name("resource").array();
        for (OperationCall call : claims.calls()) {
            json.element(call.resource());
        }
        json.endArray().member("args_hash", claims.argsHash()).name("chain");
        holders(json, claims.chain());
        json.member("chain_hash", claims.chainHash());
        JsonObject consent = claims.root().consent();
        if (consent != null) {
            json.name("consent").literal(Jcs.canonical(consent));
        }
        JsonObject standing = claims.root().standing();
        if (standing != null) {
            json.name("standing").literal(Jcs.canonical(standing));
        }
        PlanPosition plan = claims.plan();
        json.name("plan");
        if (plan == null) {
            json.literal("null");
        } else {
            json.object()
                    .member("digest", plan.digest())
                    .member("at", plan.at())
                    .member("of", plan.of())
                    .end();
        }
        ApprovedUse approval = claims.approval();
        if (approval != null) {
            approval(json.name("approval").object(), approval);
            json.end();
        }
    }

    private static void approval(JsonWriter json, ApprovedUse approval) {
        json.member("id", approval.id()).name("by").array();
        for (Human human : approval.by()) {
            json.elementObject()
                    .member("iss", human.issuer())
                    .member("sub", human.subject())
                    .end();
        }
        json.endArray().member("digest", approval.digest());
        ApprovedUse.Offered offer = approval.offer();
        if (offer != null) {
            json.name("offer")
                    .object()
                    .member("calls", offer.calls())
                    .member("used", offer.used())
                    .end();
        }
    }

    private static void holders(JsonWriter json, Holders holders) {
        String plain = holders.plainJson();
        if (plain != null) {
            json.literal(plain);
            return;
        }
        json.array();
        for (Holder holder : holders.list()) {
            holder(json, holder);
        }
        json.endArray();
    }

    private static void holder(JsonWriter json, Holder holder) {
        json.elementObject()
                .member("jkt", holder.jkt().value())
                .member("sub", holder.subject())
                .member("attested", holder.attested())
                .end();
    }

    private static void instruction(JsonWriter json, Instruction instruction) {
        json.member("source", instruction.source().wire());
        if (instruction.ref() != null) {
            json.member("ref", instruction.ref());
        }
        if (instruction.digest() != null) {
            json.member("digest", instruction.digest());
        }
        json.member("integrity", instruction.integrity().wire());
    }

    /**
     * Each operation once, as a scope-token (RFC 6749 section 3.3); characters that are not allowed there are
     * percent-encoded.
     */
    private static String scope(TxnClaims claims) {
        if (claims.calls().size() == 1) {
            return scopeToken(claims.calls().get(0).operation().id());
        }
        Set<String> ids = new LinkedHashSet<>();
        for (OperationCall call : claims.calls()) {
            ids.add(scopeToken(call.operation().id()));
        }
        return String.join(" ", ids);
    }

    private static String scopeToken(String id) {
        if (isScopeToken(id)) {
            return id;
        }
        StringBuilder out = new StringBuilder();
        for (byte b : id.getBytes(StandardCharsets.UTF_8)) {
            if (isScopeCharacter(b)) {
                out.append((char) b);
            } else {
                out.append(String.format("%%%02X", b & 0xff));
            }
        }
        return out.toString();
    }

    private static boolean isScopeToken(String id) {
        for (int i = 0; i < id.length(); i++) {
            if (!isScopeCharacter(id.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isScopeCharacter(int c) {
        return c > 0x20 && c < 0x7f && c != '"' && c != '\\';
    }
}
