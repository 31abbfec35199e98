package dev.errand.jose;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.errand.jose.DpopVerifier.Result.Accepted;
import dev.errand.jose.DpopVerifier.Result.Refused;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.Base64Url;
import dev.errand.token.CompactJws;
import dev.errand.token.CompactParts;
import dev.errand.token.HolderKey;
import dev.errand.token.KeyThumbprint;
import dev.errand.token.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Verifies DPoP proofs (RFC 9449 section 4.3), except for their single use, which the task's atomic step claims. The
 * header of a known client is not parsed again: its proof costs one base64 decoding, one small JSON and one signature.
 * Thread-safe; never blocks.
 */
public final class DpopVerifier {
    /** The longest proof accepted, in characters. */
    public static final int MAX_LENGTH = 16 * 1024;

    /** The longest {@code jti} accepted, in characters. */
    public static final int MAX_JTI_LENGTH = 128;

    /** The value of {@code algs} in a challenge (RFC 9449 section 7.1). */
    public static final String ALGORITHMS =
            JwsAlgorithm.OF_HOLDERS.stream().map(JwsAlgorithm::id).collect(Collectors.joining(" "));

    private static final int CACHED_HEADERS = 8_192;
    private static final int MAX_CACHED_HEADER = 1_024;

    private final long windowMillis;
    private final long keepMillis;
    private final @Nullable DpopNonces nonces;
    private final Cache<String, Header> headers = Caffeine.newBuilder()
            .maximumSize(CACHED_HEADERS)
            .executor(Runnable::run)
            .build();

    private record Header(JwsAlgorithm algorithm, HolderKey key) {}

    /**
     * @param window how old a proof may be, or how far in the future; both ends are included
     * @param nonces null if proofs need no nonce
     */
    public DpopVerifier(Duration window, @Nullable DpopNonces nonces) {
        if (window.isNegative() || window.isZero()) {
            throw new IllegalArgumentException("the proof window must be positive, was " + window);
        }
        this.windowMillis = window.toMillis();
        this.keepMillis = ProofClaim.keepMillis(window);
        this.nonces = nonces;
    }

    /** Verifies one proof at this time, epoch milliseconds. */
    public Result verify(Request request, long nowMillis) {
        CompactParts jws = CompactParts.split(request.proof(), MAX_LENGTH).orElse(null);
        if (jws == null) {
            return rejected("not a compact JWS");
        }
        // Each part is read where it stands. A text of other characters has another length, or is no base64url.
        byte[] bytes = request.proof().getBytes(StandardCharsets.ISO_8859_1);
        byte[] signature = bytes.length == request.proof().length()
                ? Base64Url.decode(bytes, jws.secondDot() + 1, bytes.length)
                : null;
        if (signature == null || signature.length == 0) {
            return rejected("not a compact JWS");
        }
        String headerText = jws.headerText();
        Header header = headers.getIfPresent(headerText);
        boolean known = header != null;
        if (header == null) {
            header = parseHeader(jws).orElse(null);
        }
        if (header == null) {
            return rejected("the header needs typ dpop+jwt, an alg of " + ALGORITHMS + " and a public jwk for it");
        }
        if (request.expectedKey() != null
                && !request.expectedKey().equals(header.key().thumbprint())) {
            return rejected("by another key than the token's");
        }
        if (!header.algorithm().verify(header.key().key(), bytes, jws.secondDot(), signature)) {
            return rejected("the signature does not verify");
        }
        // Only keys that a token is bound to are cached: anybody can make any number of other keys, which would fill
        // the cache.
        if (!known && request.expectedKey() != null && headerText.length() <= MAX_CACHED_HEADER) {
            headers.put(headerText, header);
        }
        JsonObject claims = CompactParts.object(Base64Url.decode(bytes, jws.firstDot() + 1, jws.secondDot()))
                .orElse(null);
        return claims == null
                ? rejected("the payload is not one JSON object")
                : check(request, header, claims, nowMillis);
    }

    private Optional<Header> parseHeader(CompactParts parts) {
        JsonObject header = CompactJws.of(parts).map(CompactJws::header).orElse(null);
        if (header == null || !"dpop+jwt".equals(header.string("typ"))) {
            return Optional.empty();
        }
        String alg = header.string("alg");
        JwsAlgorithm algorithm = alg == null
                ? null
                : JwsAlgorithm.parse(alg)
                        .filter(JwsAlgorithm.OF_HOLDERS::contains)
                        .orElse(null);
        JsonObject jwk = header.object("jwk");
        if (algorithm == null || jwk == null) {
            return Optional.empty();
        }
        return PublicJwk.parse(jwk)
                .filter(key -> key.fits(algorithm))
                .flatMap(PublicJwk::asHolderKey)
                .map(key -> new Header(algorithm, key));
    }

    private Result check(Request request, Header header, JsonObject claims, long nowMillis) {
        String jti = claims.string("jti");
        if (jti == null || jti.isEmpty() || jti.length() > MAX_JTI_LENGTH) {
            return rejected("jti must have 1 to " + MAX_JTI_LENGTH + " characters");
        }
        if (!request.method().equals(claims.string("htm"))) {
            return rejected("htm is another method");
        }
        String htu = claims.string("htu");
        if (htu == null || !HttpTarget.same(htu, request.target())) {
            return rejected("htu is another target than the issuer's URL with the path as sent");
        }
        if (request.accessTokenHash() != null && !request.accessTokenHash().equals(claims.string("ath"))) {
            return rejected("ath is not the hash of the token");
        }
        if (nonces != null) {
            String nonce = claims.string("nonce");
            if (nonce == null || !nonces.accepts(nonce, nowMillis)) {
                return new Refused("a nonce of this gateway is needed", true);
            }
        }
        Long issuedAtMillis = NumericDate.millis(claims.get("iat"));
        if (issuedAtMillis == null) {
            return rejected("iat must be a number of seconds");
        }
        if (Math.abs(nowMillis - issuedAtMillis) > windowMillis) {
            return rejected("iat is outside the window of " + Duration.ofMillis(windowMillis));
        }
        JsonValue tool = claims.get("aat_tool");
        JsonValue arguments = claims.get("hta");
        if ((tool != null && !(tool instanceof JsonString))
                || (arguments != null && !(arguments instanceof JsonObject))) {
            return rejected("aat_tool must be a string and hta an object");
        }
        String use = "dpop\n" + header.key().thumbprint().value() + "\n" + jti;
        ProofClaim claim = new ProofClaim(Sha256.base64UrlOf(use), keepMillis, false);
        return new Accepted(header.key(), claim, claims.string("aat_tool"), claims.object("hta"));
    }

    private static Refused rejected(String reason) {
        return new Refused(reason, false);
    }

    /** The result of verifying a DPoP proof. */
    public sealed interface Result {
        /**
         * The caller holds the key and made the proof for this request. Whether the proof was used before is checked with
         * the claim.
         *
         * @param key the key in the proof
         * @param claim its single use
         * @param tool the {@code aat_tool} claim, if it has one (AAT-02 step 7e)
         * @param arguments the {@code hta} claim, if it has one (AAT-02 step 7f)
         */
        record Accepted(
                HolderKey key,
                ProofClaim claim,
                @Nullable String tool,
                @Nullable JsonObject arguments) implements Result {}

        /**
         * The proof is refused.
         *
         * @param reason what is wrong, in words that quote nothing the caller sent
         * @param useNonce whether the answer is {@code use_dpop_nonce} with a new nonce (RFC 9449 sections 8 and 9)
         */
        record Refused(String reason, boolean useNonce) implements Result {}
    }

    /**
     * The request that a DPoP proof must be for.
     *
     * @param proof the value of the single {@code DPoP} header
     * @param method the request's method
     * @param target the configured issuer followed by the path as it was sent; a query or fragment in it is ignored
     * @param accessTokenHash the value that {@code ath} must have ({@link dev.errand.token.Sha256#base64UrlOf} of the
     *     token); null if no token is presented
     * @param expectedKey the key that the token is bound to; null if the proof introduces its key
     */
    public record Request(
            String proof,
            String method,
            String target,
            @Nullable String accessTokenHash,
            @Nullable KeyThumbprint expectedKey) {}
}
