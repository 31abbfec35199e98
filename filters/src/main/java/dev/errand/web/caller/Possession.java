package dev.errand.web.caller;

import dev.errand.bytes.Sha256;
import dev.errand.delegation.BoundToken;
import dev.errand.delegation.chain.PopResult;
import dev.errand.delegation.chain.PopVerifier;
import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.jose.proof.DpopNonces;
import dev.errand.jose.proof.DpopRequest;
import dev.errand.jose.proof.DpopResult;
import dev.errand.jose.proof.DpopVerifier;
import dev.errand.task.ProofClaim;
import dev.errand.web.call.Call;
import dev.errand.web.call.Caller;
import dev.errand.web.call.Presented;
import dev.errand.web.refusal.Refusal;
import dev.errand.web.request.ClientCertificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * Whether the sender of a call holds the key of its leaf token (AAT-02 step 7): by a DPoP proof (RFC 9449), by an AAT-PoP, or
 * by the client certificate of the connection. Where nonces are switched on, a proof that is signed needs one. Thread-safe.
 */
final class Possession {
    private final String issuer;
    private final DpopVerifier dpop;
    private final @Nullable DpopNonces nonces;
    private final PopVerifier pop;
    private final long keepMillis;

    /** @param window the accepted age of a proof, each side */
    Possession(String issuer, DpopVerifier dpop, @Nullable DpopNonces nonces, PopVerifier pop, Duration window) {
        this.issuer = issuer;
        this.dpop = dpop;
        this.nonces = nonces;
        this.pop = pop;
        this.keepMillis = ProofClaim.keepMillis(window);
    }

    /** The outcome. */
    sealed interface Result {
        /**
         * @param claim the proof's single use
         * @param demand what the proof says of the call itself, or null
         */
        record Proven(ProofClaim claim, Caller.@Nullable ToolDemand demand) implements Result {}

        record Unproven(Refusal refusal) implements Result {}
    }

    /** @param leafHash the {@code ath} of a proof by the leaf */
    Result verify(ServerHttpRequest request, Call.Presenting call, BoundToken leaf, String leafHash, Instant now) {
        Presented presented = call.presented();
        String proof = presented.proof();
        if (presented.scheme() == Presented.Scheme.DPOP) {
            return proof == null
                    ? unproven("7a", "send a DPoP proof by the token's key")
                    : dpop(call, proof, leaf, leafHash, now);
        }
        if (proof != null) {
            return pop(proof, leaf, now);
        }
        return ClientCertificate.provesKey(request, leaf.holder())
                ? new Result.Proven(ProofClaim.NONE, null)
                : unproven("7a", "send an AAT-PoP, or a client certificate of the token's key");
    }

    private Result pop(String proof, BoundToken leaf, Instant now) {
        PopResult result = pop.verify(proof, leaf, now);
        if (result instanceof PopResult.Refused rejected) {
            return unproven(rejected.step(), rejected.reason());
        }
        PopResult.Accepted proven = (PopResult.Accepted) result;
        if (nonces != null && (proven.nonce() == null || !nonces.accepts(proven.nonce(), now.toEpochMilli()))) {
            return nonceNeeded(now);
        }
        // Remembered for longer than its iat is in the window; only a permitted call uses it up.
        ProofClaim claim = new ProofClaim(
                Sha256.base64UrlOf(leaf.holder().thumbprint().value() + "|" + proven.jti()), keepMillis, true);
        return new Result.Proven(claim, new Caller.ToolDemand(proven.tool(), proven.arguments(), true));
    }

    private Result dpop(Call.Presenting call, String proof, BoundToken leaf, String leafHash, Instant now) {
        DpopResult result = dpop.verify(
                new DpopRequest(
                        proof,
                        call.arrived().method(),
                        issuer + call.arrived().rawPath(),
                        leafHash,
                        leaf.holder().thumbprint()),
                now.toEpochMilli());
        if (result instanceof DpopResult.Accepted proven) {
            boolean demands = proven.tool() != null || proven.arguments() != null;
            return new Result.Proven(
                    proven.claim(), demands ? new Caller.ToolDemand(proven.tool(), proven.arguments(), false) : null);
        }
        DpopResult.Refused rejected = (DpopResult.Refused) result;
        return rejected.useNonce() ? nonceNeeded(now) : unproven("7", rejected.reason());
    }

    private Result nonceNeeded(Instant now) {
        Denial why = new Denial(DenyReason.INVALID_PROOF, "7h", "sign the nonce of DPoP-Nonce into the proof");
        return new Result.Unproven(
                new Refusal(why, List.of(), nonces == null ? null : nonces.current(now.toEpochMilli())));
    }

    private static Result unproven(@Nullable String step, String detail) {
        return new Result.Unproven(Refusal.of(new Denial(DenyReason.INVALID_PROOF, step, detail)));
    }
}
