package dev.errand.trust;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.errand.denial.StartReason;
import dev.errand.jose.JwsAlgorithm;
import dev.errand.jose.NumericDate;
import dev.errand.jose.PublicJwk;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.CompactJws;
import dev.errand.token.Sha256;
import dev.errand.token.SpiffeId;
import dev.errand.trust.SvidResult.Accepted;
import dev.errand.trust.SvidResult.Refused;
import dev.errand.trust.SvidResult.Unavailable;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Verifies JWT-SVIDs (SPIFFE JWT-SVID, sections 2 to 5). If a token's signature was verified with the current revision
 * of its bundle, only its times are checked again. Thread-safe.
 */
final class JwtSvidVerifier {
    private static final int MAX_LENGTH = 16 * 1024;
    private static final Set<JwsAlgorithm> ALLOWED =
            EnumSet.of(JwsAlgorithm.RS256, JwsAlgorithm.PS256, JwsAlgorithm.ES256, JwsAlgorithm.ES384);

    private final TrustBundles bundles;
    private final long maxLifetimeMillis;
    private final long skewMillis;
    private final Cache<String, Signed> verified =
            Caffeine.newBuilder().maximumSize(2_048).executor(Runnable::run).build();

    /** A token whose signature was verified with this revision of its bundle. */
    private record Signed(TrustBundle bundle, SpiffeId id, JsonObject claims) {}

    JwtSvidVerifier(TrustBundles bundles, long maxLifetimeMillis, long skewMillis) {
        this.bundles = bundles;
        this.maxLifetimeMillis = maxLifetimeMillis;
        this.skewMillis = skewMillis;
    }

    SvidResult verify(String token, String audience, long nowMillis) {
        if (token.length() > MAX_LENGTH) {
            return new Refused("longer than " + MAX_LENGTH + " characters");
        }
        String key = Sha256.base64UrlOf(token);
        Signed signed = verified.getIfPresent(key);
        if (signed == null || signed.bundle() != bundles.of(signed.id()).orElse(null)) {
            CompactJws jws = CompactJws.parse(token, MAX_LENGTH).orElse(null);
            JwsAlgorithm algorithm = jws == null ? null : algorithm(jws.header());
            if (jws == null || algorithm == null) {
                return new Refused("not a JWS with an accepted alg, and typ JWT, JOSE or none");
            }
            // This is not verified yet, and only chooses the bundle.
            SpiffeId id = jws.claims().map(JwtSvidVerifier::subject).orElse(null);
            TrustBundle bundle = id == null ? null : bundles.of(id).orElse(null);
            String away = id == null ? null : bundles.away(id);
            if (away != null) {
                return new Unavailable(away);
            }
            if (id == null || bundle == null) {
                return new Refused(
                        StartReason.SVID_DOMAIN, "sub is no SPIFFE ID with a path in a configured trust domain");
            }
            if (keys(bundle, jws.header().string("kid"), algorithm).stream().noneMatch(k -> k.signed(jws, algorithm))) {
                return new Refused(
                        StartReason.SVID_SIGNATURE, "no key of the trust domain's bundle verifies the signature");
            }
            signed = new Signed(bundle, id, jws.claims().orElseThrow());
            verified.put(key, signed);
        }
        return check(signed, audience, nowMillis);
    }

    private SvidResult check(Signed signed, String audience, long nowMillis) {
        JsonObject claims = signed.claims();
        if (!isExactly(claims.get("aud"), audience)) {
            return new Refused(StartReason.SVID_AUDIENCE, "aud must be exactly the audience asked for");
        }
        String wrongTime = NumericDate.check(claims, nowMillis, skewMillis);
        if (wrongTime != null) {
            return new Refused(StartReason.SVID_EXPIRED, wrongTime);
        }
        long expiry = Objects.requireNonNull(NumericDate.millis(claims.get("exp")));
        if (expiry - nowMillis > maxLifetimeMillis) {
            return new Refused(StartReason.SVID_LIFETIME, "lives longer than errand.trust.max-lifetime");
        }
        return new Accepted(signed.id());
    }

    private static @Nullable JwsAlgorithm algorithm(JsonObject header) {
        JsonValue typ = header.get("typ");
        boolean typed = typ == null || typ.equals(new JsonString("JWT")) || typ.equals(new JsonString("JOSE"));
        String alg = header.string("alg");
        boolean keyed = !header.members().containsKey("kid") || header.string("kid") != null;
        return !typed || alg == null || !keyed
                ? null
                : JwsAlgorithm.parse(alg).filter(ALLOWED::contains).orElse(null);
    }

    private static List<PublicJwk> keys(TrustBundle bundle, @Nullable String kid, JwsAlgorithm algorithm) {
        return bundle.jwtAuthorities().stream()
                .filter(key -> key.fits(algorithm))
                .filter(key -> kid == null || kid.equals(key.jwk().string("kid")))
                .limit(8)
                .toList();
    }

    private static @Nullable SpiffeId subject(JsonObject claims) {
        String sub = claims.string("sub");
        return sub == null
                ? null
                : SpiffeId.parse(sub).filter(id -> !id.path().isEmpty()).orElse(null);
    }

    private static boolean isExactly(@Nullable JsonValue aud, String audience) {
        JsonString wanted = new JsonString(audience);
        return wanted.equals(aud)
                || (aud instanceof JsonArray array && array.values().equals(List.of(wanted)));
    }
}
