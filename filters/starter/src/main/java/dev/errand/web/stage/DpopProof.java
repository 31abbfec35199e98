package dev.errand.web.stage;

import dev.errand.jose.DpopNonces;
import dev.errand.jose.DpopVerifier;
import dev.errand.token.BoundToken;
import dev.errand.token.ProofScheme;
import dev.errand.web.Call;
import dev.errand.web.Caller;
import dev.errand.web.Presented;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;

/** A DPoP proof (RFC 9449) under the scheme {@code DPoP}. Thread-safe. */
record DpopProof(String issuer, DpopVerifier dpop, @Nullable DpopNonces nonces) implements ProofKind {
    @Override
    public boolean fits(Presented presented) {
        return presented.scheme().equals(ProofScheme.DPOP);
    }

    @Override
    public Possession.Result verify(
            ServerHttpRequest request, Call.Presenting call, BoundToken leaf, String leafHash, Instant now) {
        String proof = call.presented().proof();
        if (proof == null) {
            return Possession.Result.refused("7a", "send a DPoP proof by the token's key");
        }
        DpopVerifier.Result result = dpop.verify(
                new DpopVerifier.Request(
                        proof,
                        call.arrived().method(),
                        issuer + call.arrived().rawPath(),
                        leafHash,
                        leaf.holder().thumbprint()),
                now.toEpochMilli());
        if (result instanceof DpopVerifier.Result.Accepted proven) {
            boolean demands = proven.tool() != null || proven.arguments() != null;
            return new Possession.Result.Accepted(
                    proven.claim(), demands ? new Caller.ToolDemand(proven.tool(), proven.arguments(), false) : null);
        }
        DpopVerifier.Result.Refused refused = (DpopVerifier.Result.Refused) result;
        return refused.useNonce()
                ? Possession.Result.nonceNeeded(nonces, now)
                : Possession.Result.refused("7", refused.reason());
    }
}
