package dev.errand.gateway.issuer;

import dev.errand.delegation.HolderKey;
import dev.errand.jose.proof.DpopNonces;
import dev.errand.jose.proof.DpopRequest;
import dev.errand.jose.proof.DpopResult;
import dev.errand.jose.proof.DpopVerifier;
import dev.errand.state.StartStore;
import java.time.Clock;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Demands one DPoP proof for a request to an OAuth endpoint and uses it up (RFC 9449 sections 5 and 11.1). Thread-safe.
 */
public final class ProofCheck {
    private final DpopVerifier verifier;
    private final @Nullable DpopNonces nonces;
    private final StartStore starts;
    private final IssuerSettings settings;
    private final Clock clock;

    /**
     * @param nonces what {@code use_dpop_nonce} hands out; null where proofs need none
     */
    public ProofCheck(
            DpopVerifier verifier,
            @Nullable DpopNonces nonces,
            StartStore starts,
            IssuerSettings settings,
            Clock clock) {
        this.verifier = verifier;
        this.nonces = nonces;
        this.starts = starts;
        this.settings = settings;
        this.clock = clock;
    }

    /** {@link #check(TokenRequest, String, String, Predicate)} for whoever made the proof. */
    public Mono<Outcome<HolderKey>> check(TokenRequest request, String path, @Nullable String tokenHash) {
        return check(request, path, tokenHash, holder -> true);
    }

    /**
     * The key that made the one proof of the request. A proof by a key that nothing here depends on is not remembered:
     * anybody can make such keys and proofs without end.
     *
     * @param path the endpoint's path
     * @param tokenHash what {@code ath} must be, or null where none is demanded
     * @param concerned whether the key is one that the answer depends on
     */
    public Mono<Outcome<HolderKey>> check(
            TokenRequest request, String path, @Nullable String tokenHash, Predicate<HolderKey> concerned) {
        if (request.proofs().size() != 1) {
            return refused("exactly one DPoP header is needed");
        }
        DpopResult result = verifier.verify(
                new DpopRequest(request.proofs().get(0), "POST", settings.url(path), tokenHash, null), clock.millis());
        if (result instanceof DpopResult.Proven proven) {
            if (!concerned.test(proven.key())) {
                return Mono.just(Outcome.accepted(proven.key()));
            }
            return starts.claimProof(proven.claim().hash(), proven.claim().expiresAtMillis())
                    .map(fresh -> fresh
                            ? Outcome.accepted(proven.key())
                            : Outcome.refused(
                                    OauthError.INVALID_DPOP_PROOF,
                                    "the proof was used before: make one for each request"));
        }
        DpopResult.Rejected rejected = (DpopResult.Rejected) result;
        if (rejected.useNonce() && nonces != null) {
            return Mono.just(new Outcome.Refused<>(new Refusal(
                    OauthError.USE_DPOP_NONCE,
                    "put the nonce of the DPoP-Nonce header into the proof",
                    Map.of("DPoP-Nonce", nonces.current(clock.millis())))));
        }
        return refused("the DPoP proof does not verify: " + rejected.reason());
    }

    private static Mono<Outcome<HolderKey>> refused(String why) {
        return Mono.just(Outcome.refused(OauthError.INVALID_DPOP_PROOF, why));
    }
}
