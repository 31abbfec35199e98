package dev.errand.holder;

import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.CompactJws;
import dev.errand.token.Sha256;
import dev.errand.token.TokenId;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Signs proofs of possession: DPoP (RFC 9449) and AAT-PoP (AAT-02 section 4). Thread-safe. */
public final class Proofs {
    private Proofs() {}

    /**
     * A DPoP proof.
     *
     * @param url the issuer and the path as sent; {@code htu} leaves out a query
     * @param token the token that it is sent with, or null at the token endpoint
     */
    public static String dpop(
            AgentKey key, String method, String url, @Nullable String token, @Nullable String nonce, Instant now) {
        JsonMembers claims = claims(now, nonce);
        claims.put("htm", method);
        claims.put("htu", url.split("[?#]", 2)[0]);
        claims.put("ath", token == null ? null : Sha256.base64UrlOf(token));
        JsonObject header = new JsonMembers()
                .put("typ", "dpop+jwt")
                .put("alg", key.algorithm())
                .put("jwk", key.publicJwk())
                .toJson();
        return key.sign(header, claims.toJson());
    }

    /**
     * An AAT proof of one call of a tool with exactly these arguments.
     *
     * @param audience the gateway's identifier, which becomes {@code aat_aud}; null: none
     */
    public static String aat(
            AgentKey key,
            String token,
            String tool,
            JsonObject arguments,
            @Nullable String audience,
            @Nullable String nonce,
            Instant now) {
        JsonMembers claims = claims(now, nonce);
        String jti = payload(token).string("jti");
        if (jti == null) {
            throw new AgentException("the token has no jti");
        }
        claims.put("aat_id", jti);
        claims.put("aat_hash", hash(token));
        claims.put("aat_tool", tool);
        claims.put("hta", arguments);
        claims.put("aat_aud", audience);
        JsonObject header =
                new JsonObject(Map.of("typ", new JsonString("aat-pop+jwt"), "alg", new JsonString(key.algorithm())));
        return key.sign(header, claims.toJson());
    }

    /** The hash of a token's signing input, unpadded base64url. */
    public static String hash(String token) {
        return TokenId.of(jws(token)).hash();
    }

    /** The claims of one of our own tokens, unverified: an agent may read its own token. */
    public static JsonObject payload(String token) {
        try {
            return Json.parseObject(jws(token).payload().orElseThrow(() -> new AgentException("not a token")));
        } catch (MalformedJsonException e) {
            throw new AgentException("not a token");
        }
    }

    private static CompactJws jws(String token) {
        return CompactJws.parse(token).orElseThrow(() -> new AgentException("not a token"));
    }

    private static JsonMembers claims(Instant now, @Nullable String nonce) {
        return new JsonMembers()
                .put("jti", UUID.randomUUID().toString())
                .put("iat", now.getEpochSecond())
                .put("nonce", nonce);
    }
}
