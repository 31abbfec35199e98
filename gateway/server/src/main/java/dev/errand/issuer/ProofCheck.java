package dev.errand.issuer;

import dev.errand.denial.StartReason;
import dev.errand.jose.DpopNonces;
import dev.errand.jose.DpopVerifier;
import dev.errand.jose.ProofClaim;
import dev.errand.state.StartStore;
import dev.errand.token.HolderKey;
import java.time.Clock;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Demands one DPoP proof for a request to an OAuth endpoint and uses it up (RFC 9449 sections 5 and 11.1). Thread-safe.
 *
 * @param nonces the nonces that {@code use_dpop_nonce} hands out; null if proofs need none
 */
record ProofCheck(
        DpopVerifier verifier, @Nullable DpopNonces nonces, StartStore starts, IssuerSettings settings, Clock clock) {
    /**
     * A proof that verified. {@link #use} says whether it was used before.
     *
     * @param key the key that made it
     * @param claim its single use
     */
    public record Proof(HolderKey key, ProofClaim claim) {}

    /** Verifies the one proof of the request and uses it up, whoever made it. */
    public Mono<Outcome<HolderKey>> check(TokenRequest request, String path, @Nullable String tokenHash) {
        Outcome<Proof> verified = verify(request, path, tokenHash);
        return verified instanceof Outcome.Accepted<Proof> proven
                ? use(proven.value())
                : Mono.just(new Outcome.Refused<>(((Outcome.Refused<Proof>) verified).refusal()));
    }

    /**
     * Verifies the one proof of the request. This costs one signature; the shared state is not asked.
     *
     * @param path the endpoint's path
     * @param tokenHash what {@code ath} must be; null if none is demanded
     */
    public Outcome<Proof> verify(TokenRequest request, String path, @Nullable String tokenHash) {
        if (request.proofs().size() != 1) {
            return refused(StartReason.NO_PROOF, "exactly one DPoP header is needed");
        }
        DpopVerifier.Result result = verifier.verify(
                new DpopVerifier.Request(request.proofs().get(0), "POST", settings.url(path), tokenHash, null),
                clock.millis());
        if (result instanceof DpopVerifier.Result.Accepted proven) {
            return Outcome.accepted(new Proof(proven.key(), proven.claim()));
        }
        DpopVerifier.Result.Refused rejected = (DpopVerifier.Result.Refused) result;
        if (rejected.useNonce() && nonces != null) {
            return new Outcome.Refused<>(new Refusal(
                    OauthError.USE_DPOP_NONCE,
                    "put the nonce of the DPoP-Nonce header into the proof",
                    Map.of("DPoP-Nonce", nonces.current(clock.millis())),
                    StartReason.NONCE,
                    null));
        }
        return refused(StartReason.PROOF, "the DPoP proof does not verify: " + rejected.reason());
    }

    /**
     * Uses a proof up. Call this only for a key that the answer depends on: anybody can make other keys and proofs without end,
     * and each used proof is remembered.
     */
    public Mono<Outcome<HolderKey>> use(Proof proof) {
        return starts.claimProof(proof.claim())
                .map(fresh -> fresh
                        ? Outcome.accepted(proof.key())
                        : refused(StartReason.PROOF_USED, "the proof was used before: make one for each request"));
    }

    private static <T> Outcome<T> refused(StartReason reason, String why) {
        return Outcome.refused(reason, OauthError.INVALID_DPOP_PROOF, why);
    }
}
