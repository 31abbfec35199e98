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
import dev.errand.token.Human;
import dev.errand.token.KeyThumbprint;
import dev.errand.token.Sha256;
import dev.errand.trust.HumanResult.Accepted;
import dev.errand.trust.HumanResult.Refused;
import dev.errand.trust.HumanResult.Unavailable;
import dev.errand.trust.LiveDocument.UnavailableException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Verifies tokens of the configured human issuers (RFC 7519, RFC 8725). A token's {@code iss} chooses among the
 * configured issuers, and its {@code kid} among that issuer's keys; no URL in a token is ever followed. An unknown
 * {@code kid} makes the keys be fetched again, within their cool-down. A {@code kid} that was not found then causes no
 * further fetch for a minute. Thread-safe; never blocks.
 */
public final class HumanIssuers {
    /** The longest token accepted, in characters. */
    public static final int MAX_LENGTH = 16 * 1024;

    /** How old a security event may be. A used {@code jti} must be known for as long. */
    public static final long EVENT_MILLIS = Duration.ofDays(30).toMillis();

    private static final long MISSING_MILLIS = 60_000;
    private static final int MAX_ID = 256;

    private final Map<String, HumanIssuer> issuers = new HashMap<>();
    private final Cache<String, Long> missing =
            Caffeine.newBuilder().maximumSize(2_048).executor(Runnable::run).build();
    private final long skewMillis;
    private final @Nullable String approvals;

    /** Issuers whose humans cannot approve anything. */
    public HumanIssuers(List<HumanIssuer> issuers, Duration skew) {
        this(issuers, skew, null);
    }

    /**
     * @param skew how far the issuers' clocks may differ from ours, for {@code exp}, {@code nbf} and {@code iat}
     * @param approvals the audience of tokens with which humans approve calls, and which start nothing; or null
     */
    public HumanIssuers(List<HumanIssuer> issuers, Duration skew, @Nullable String approvals) {
        this.approvals = approvals;
        for (HumanIssuer issuer : issuers) {
            if (this.issuers.put(issuer.issuer(), issuer) != null) {
                throw new IllegalArgumentException("human issuer given twice: " + issuer.issuer());
            }
        }
        if (skew.isNegative()) {
            throw new IllegalArgumentException("clock skew must not be negative, was " + skew);
        }
        this.skewMillis = skew.toMillis();
    }

    /**
     * Verifies the token of a start, or of an operator.
     *
     * @param prover the key of the start's DPoP proof: a token that is bound to a key must be bound to this one. Null
     *     without a proof: then such a token is refused
     * @param nowMillis epoch milliseconds
     */
    public Mono<HumanResult> verify(String token, @Nullable KeyThumbprint prover, long nowMillis) {
        return verify(token, nowMillis, (issuer, claims) -> {
            if (!names(claims.get("aud"), issuer.audience())) {
                return new Refused(StartReason.AUDIENCE, "aud does not name this gateway");
            }
            return approvals != null && names(claims.get("aud"), approvals)
                    ? new Refused(
                            StartReason.AUDIENCE, "aud names the approvals of this gateway: the token starts nothing")
                    : issuer.rules().refuses(claims, prover == null ? null : prover.value(), nowMillis);
        });
    }

    /**
     * Verifies a token with which a human decides on requests. {@link #isForApprovals} and {@link ApprovalClaims#digests}
     * say for which requests the token is valid.
     *
     * @param prover the key of the request's DPoP proof, or null: then a token that is bound to a key is refused
     */
    public Mono<HumanResult> verifyApproving(String token, @Nullable KeyThumbprint prover, long nowMillis) {
        return verify(token, nowMillis, (issuer, claims) -> {
            boolean one = names(claims.get("aud"), issuer.audience())
                    && !ApprovalClaims.digests(claims).isEmpty();
            return !isForApprovals(claims) && !one
                    ? new Refused(StartReason.AUDIENCE, "aud does not name the approvals of this gateway")
                    : issuer.rules().refusesApproving(claims, prover == null ? null : prover.value(), nowMillis);
        });
    }

    /**
     * Whether the audience is that of approvals, and not one that starts tasks. Then the token is valid for any
     * request.
     */
    public boolean isForApprovals(JsonObject claims) {
        JsonValue audience = claims.get("aud");
        return approvals != null
                && names(audience, approvals)
                && issuers.values().stream().noneMatch(issuer -> names(audience, issuer.audience()));
    }

    /** The issuer that sends its security events to that path. */
    public Optional<HumanIssuer> ofReceiver(String path) {
        return issuers.values().stream()
                .filter(issuer ->
                        issuer.events() != null && issuer.events().receiver().equals(path))
                .findFirst();
    }

    /** Verifies a Security Event Token (RFC 8417 section 2) that came to an issuer's receiver. */
    public Mono<SecurityEventResult> verifyEvent(HumanIssuer issuer, String token, long nowMillis) {
        CompactJws jws = CompactJws.parse(token, MAX_LENGTH).orElse(null);
        JsonObject claims = jws == null ? null : jws.claims().orElse(null);
        if (jws == null || claims == null) {
            return unfit("invalid_request", "not a Security Event Token");
        }
        String typ = jws.header().string("typ");
        if (typ == null || !SubjectRules.plain(typ).equals("secevent+jwt")) {
            return unfit("invalid_request", "typ is not secevent+jwt");
        }
        if (!issuer.issuer().equals(claims.string("iss"))) {
            return unfit("invalid_issuer", "iss is not the issuer of this receiver");
        }
        if (!names(claims.get("aud"), Objects.requireNonNull(issuer.events()).audience())) {
            return unfit("invalid_audience", "aud does not name this receiver");
        }
        String alg = jws.header().string("alg");
        JwsAlgorithm algorithm = alg == null ? null : JwsAlgorithm.parse(alg).orElse(null);
        boolean named = jws.header().get("kid") == null || jws.header().string("kid") != null;
        if (algorithm == null || !issuer.algorithms().contains(algorithm) || !named) {
            return unfit("invalid_key", "alg or kid is none that is accepted here");
        }
        return candidates(issuer, jws.header().string("kid"), algorithm, nowMillis)
                .map(keys -> signedEvent(issuer, jws, claims, algorithm, keys, nowMillis))
                .onErrorResume(
                        UnavailableException.class,
                        e -> Mono.just(new SecurityEventResult.Unavailable(
                                unavailable(issuer).reason())));
    }

    private SecurityEventResult signedEvent(
            HumanIssuer issuer,
            CompactJws jws,
            JsonObject claims,
            JwsAlgorithm algorithm,
            List<PublicJwk> keys,
            long nowMillis) {
        if (keys.isEmpty()) {
            return new SecurityEventResult.Refused("invalid_key", "no key of the issuer has this kid and alg");
        }
        if (keys.stream().noneMatch(key -> key.signed(jws, algorithm))) {
            return new SecurityEventResult.Refused("authentication_failed", "the signature does not verify");
        }
        String id = claims.string("jti");
        Long issued = NumericDate.millis(claims.get("iat"));
        if (id == null || id.isEmpty() || id.length() > MAX_ID || !(claims.get("events") instanceof JsonObject)) {
            return new SecurityEventResult.Refused("invalid_request", "jti or events is missing or malformed");
        }
        return issued == null || issued > nowMillis + skewMillis || issued < nowMillis - EVENT_MILLIS
                ? new SecurityEventResult.Refused(
                        "invalid_request", "iat is missing, in the future, or more than 30 days ago")
                : new SecurityEventResult.Accepted(issuer, id, claims);
    }

    private static Mono<SecurityEventResult> unfit(String error, String reason) {
        return Mono.just(new SecurityEventResult.Refused(error, reason));
    }

    /** The demands on a token beyond its signature, audience and times. */
    @FunctionalInterface
    private interface Purpose {
        /** Why the token does not serve the purpose, or null. */
        @Nullable Refused refuses(HumanIssuer issuer, JsonObject claims);
    }

    private Mono<HumanResult> verify(String token, long nowMillis, Purpose purpose) {
        CompactJws jws = CompactJws.parse(token, MAX_LENGTH).orElse(null);
        if (jws == null) {
            return rejected(StartReason.TOKEN, "not a compact JWS, or one with critical extensions");
        }
        JsonObject header = jws.header();
        String alg = header.string("alg");
        JwsAlgorithm algorithm = alg == null ? null : JwsAlgorithm.parse(alg).orElse(null);
        if (algorithm == null) {
            return rejected(StartReason.ALG, "alg is none that is accepted here");
        }
        if (header.members().containsKey("kid") && header.string("kid") == null) {
            return rejected(StartReason.KID, "kid must be a string");
        }
        // This is not verified yet, and only chooses among the configured issuers.
        String claimed = jws.claims().map(claims -> claims.string("iss")).orElse(null);
        HumanIssuer issuer = claimed == null ? null : issuers.get(claimed);
        if (issuer == null) {
            return rejected(StartReason.ISSUER, "iss is no configured issuer");
        }
        if (!issuer.algorithms().contains(algorithm)) {
            return rejected(StartReason.ALG, "alg is not on this issuer's list");
        }
        if (!issuer.rules().acceptType(header)) {
            return rejected(StartReason.TYP, "a token of this typ is not about a human");
        }
        return candidates(issuer, header.string("kid"), algorithm, nowMillis)
                .map(keys -> check(issuer, jws, algorithm, keys, purpose, nowMillis))
                .onErrorResume(UnavailableException.class, e -> Mono.<HumanResult>just(unavailable(issuer)));
    }

    private static Unavailable unavailable(HumanIssuer issuer) {
        String fault = issuer.keys().fault();
        return new Unavailable(
                "the keys of " + issuer.issuer() + " cannot be obtained" + (fault == null ? "" : ": " + fault));
    }

    private Mono<List<PublicJwk>> candidates(
            HumanIssuer issuer, @Nullable String kid, JwsAlgorithm algorithm, long nowMillis) {
        return issuer.keys().get().flatMap(keys -> {
            List<PublicJwk> found = keys.candidates(kid, algorithm);
            String miss = issuer.issuer() + "\n" + kid + "\n" + algorithm;
            Long until = kid != null && kid.length() > 256 ? Long.valueOf(Long.MAX_VALUE) : missing.getIfPresent(miss);
            if (!found.isEmpty() || kid == null || (until != null && nowMillis < until)) {
                return Mono.just(found);
            }
            return issuer.keys().refresh().map(refreshed -> {
                List<PublicJwk> now = refreshed.candidates(kid, algorithm);
                // The same revision means that the cool-down prevented the fetch, so nothing is known about the kid.
                if (now.isEmpty() && refreshed != keys) {
                    missing.put(miss, nowMillis + MISSING_MILLIS);
                }
                return now;
            });
        });
    }

    private HumanResult check(
            HumanIssuer issuer,
            CompactJws jws,
            JwsAlgorithm algorithm,
            List<PublicJwk> keys,
            Purpose purpose,
            long nowMillis) {
        if (keys.isEmpty()) {
            return new Refused(StartReason.KID, "no key of the issuer has this kid and alg");
        }
        if (keys.stream().noneMatch(key -> key.signed(jws, algorithm))) {
            return new Refused(StartReason.SIGNATURE, "the signature does not verify");
        }
        JsonObject claims = jws.claims().orElseThrow();
        String wrongTime = NumericDate.check(claims, nowMillis, skewMillis);
        if (wrongTime != null) {
            return new Refused(
                    wrongTime.equals(NumericDate.EXPIRED) ? StartReason.EXPIRED : StartReason.TIME, wrongTime);
        }
        Refused refused = purpose.refuses(issuer, claims);
        if (refused != null) {
            return refused;
        }
        return new Accepted(
                new Human(issuer.issuer(), Objects.requireNonNull(issuer.rules().name(claims))),
                claims,
                Sha256.base64UrlOf(jws.signingInput()),
                Objects.requireNonNull(NumericDate.millis(claims.get("exp"))));
    }

    private static boolean names(@Nullable JsonValue aud, String audience) {
        JsonString wanted = new JsonString(audience);
        return wanted.equals(aud)
                || (aud instanceof JsonArray array && array.values().contains(wanted));
    }

    private static Mono<HumanResult> rejected(StartReason why, String reason) {
        return Mono.just(new Refused(why, reason));
    }
}
