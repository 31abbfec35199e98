package dev.errand.agent.call;

import dev.errand.holder.AgentKey;
import dev.errand.json.JsonWriter;
import dev.errand.token.Base64Url;
import dev.errand.token.Sha256;
import java.security.SecureRandom;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * Signs DPoP proofs (RFC 9449 section 4.2) for one key and one token. The parts that all proofs have in common are
 * computed once. Thread-safe.
 */
public final class CallProof {
    private static final int JTI_BYTES = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final AgentKey key;
    private final @Nullable String ath;
    private final String head;
    private final Clock clock;

    /** @param token null for a proof that goes with no token */
    public CallProof(AgentKey key, @Nullable String token, Clock clock) {
        this.key = key;
        this.clock = clock;
        this.ath = token == null ? null : Sha256.base64UrlOf(token);
        JsonWriter header = new JsonWriter().object().member("typ", "dpop+jwt").member("alg", key.algorithm());
        header.name("jwk")
                .literal(dev.errand.json.Jcs.canonical(key.publicJwk()))
                .end();
        this.head = Base64Url.encode(header.toBytes()) + '.';
    }

    /** @param url without query */
    public String sign(String method, String url, @Nullable String nonce) {
        byte[] jti = new byte[JTI_BYTES];
        RANDOM.nextBytes(jti);
        JsonWriter claims = new JsonWriter()
                .object()
                .member("jti", Base64Url.encode(jti))
                .member("iat", clock.instant().getEpochSecond())
                .member("htm", method)
                .member("htu", url);
        if (ath != null) {
            claims.member("ath", ath);
        }
        if (nonce != null) {
            claims.member("nonce", nonce);
        }
        return key.sign(head + Base64Url.encode(claims.end().toBytes()));
    }
}
