package dev.errand.web.stage;

import dev.errand.jose.DpopNonces;
import dev.errand.jose.ProofClaim;
import dev.errand.token.BoundToken;
import dev.errand.token.PopResult;
import dev.errand.token.PopVerifier;
import dev.errand.token.ProofScheme;
import dev.errand.token.Sha256;
import dev.errand.web.Call;
import dev.errand.web.Caller;
import dev.errand.web.Presented;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;

/** An AAT-PoP (AAT-02 section 4) under the scheme {@code AAT}. Where nonces are switched on, it needs one. Thread-safe. */
final class AatProof implements ProofKind {
    private final PopVerifier pop;
    private final @Nullable DpopNonces nonces;
    private final long keepMillis;

    /** @param window how far a proof's {@code iat} may lie before or after now */
    AatProof(PopVerifier pop, @Nullable DpopNonces nonces, Duration window) {
        this.pop = pop;
        this.nonces = nonces;
        this.keepMillis = ProofClaim.keepMillis(window);
    }

    @Override
    public boolean fits(Presented presented) {
        return presented.scheme().equals(ProofScheme.AAT) && presented.proof() != null;
    }

    @Override
    public Possession.Result verify(
            ServerHttpRequest request, Call.Presenting call, BoundToken leaf, String leafHash, Instant now) {
        PopResult result = pop.verify(Objects.requireNonNull(call.presented().proof()), leaf, now);
        if (result instanceof PopResult.Refused refused) {
            return Possession.Result.refused(refused.step(), refused.reason());
        }
        PopResult.Accepted proven = (PopResult.Accepted) result;
        if (nonces != null && (proven.nonce() == null || !nonces.accepts(proven.nonce(), now.toEpochMilli()))) {
            return Possession.Result.nonceNeeded(nonces, now);
        }
        // Remembered for longer than its iat is in the window; only a permitted call uses it up.
        ProofClaim claim = new ProofClaim(
                Sha256.base64UrlOf(leaf.holder().thumbprint().value() + "|" + proven.jti()), keepMillis, true);
        return new Possession.Result.Accepted(claim, new Caller.ToolDemand(proven.tool(), proven.arguments(), true));
    }
}
