package dev.errand.fleet;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.errand.jose.SigningKeys;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.Base64Url;
import dev.errand.token.CompactJws;
import dev.errand.token.SignatureVerifier;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;

/**
 * The JWT with which one replica calls another: type {@value #TYPE}, signed by a key of use {@code log}, for one URL,
 * valid once and for {@value #SECONDS} s. Thread-safe; never blocks.
 */
public final class ReplicaTokens {
    /** The {@code typ}. */
    public static final String TYPE = "errand-replica+jwt";

    static final int SECONDS = 10;

    /** How far the clocks of two replicas may differ. */
    private static final int SKEW_SECONDS = 5;

    private static final int MOST_REMEMBERED = 100_000;
    private static final int ID_BYTES = 16;

    private final LogKeySignatures signatures;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final Cache<String, Boolean> used = Caffeine.newBuilder()
            .maximumSize(MOST_REMEMBERED)
            .expireAfterWrite(Duration.ofSeconds(2L * (SECONDS + SKEW_SECONDS)))
            .executor(Runnable::run)
            .build();

    public ReplicaTokens(SigningKeys keys, SignatureVerifier signatures, Clock clock) {
        this.signatures = new LogKeySignatures(keys, signatures);
        this.clock = clock;
    }

    /**
     * A token for one request.
     *
     * @param from the instance that asks
     * @param url the address of the replica that is asked
     */
    public String make(String from, String url) {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        long now = clock.instant().getEpochSecond();
        return signatures.sign(
                TYPE,
                Jcs.canonicalBytes(new JsonObject(Map.of(
                        "iss", new JsonString(from),
                        "aud", new JsonString(url),
                        "iat", JsonNumber.of(now),
                        "exp", JsonNumber.of(now + SECONDS),
                        "jti", new JsonString(Base64Url.encode(id))))));
    }

    /**
     * Whether an untrusted text is such a token for this URL, valid now and not used before. The token counts as used
     * from now on.
     *
     * @param own the instance that is asked: it refuses its own tokens, which come back if two replicas share an
     *     address
     */
    public boolean take(String text, String url, String own) {
        CompactJws token = signatures.verify(TYPE, text).orElse(null);
        JsonObject claims = token == null ? null : token.claims().orElse(null);
        if (claims == null || !url.equals(claims.string("aud")) || own.equals(claims.string("iss"))) {
            return false;
        }
        String id = claims.string("jti");
        long now = clock.instant().getEpochSecond();
        boolean timely = claims.get("iat") instanceof JsonNumber issued
                && claims.get("exp") instanceof JsonNumber expires
                && issued.isLong()
                && expires.isLong()
                && issued.asLong() <= now + SKEW_SECONDS
                && expires.asLong() > now - SKEW_SECONDS
                && expires.asLong() - issued.asLong() <= SECONDS;
        return timely && id != null && used.asMap().putIfAbsent(id, true) == null;
    }
}
