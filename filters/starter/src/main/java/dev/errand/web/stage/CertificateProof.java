package dev.errand.web.stage;

import dev.errand.jose.ProofClaim;
import dev.errand.token.BoundToken;
import dev.errand.token.ProofScheme;
import dev.errand.web.Call;
import dev.errand.web.Presented;
import dev.errand.web.refusal.Refusal;
import java.time.Instant;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * The client certificate of the connection, under the scheme {@code Bearer}, or {@code AAT} without a proof. A bearer without that
 * certificate has no proof at all: for the gateway it is as if no token had been sent. Thread-safe.
 */
final class CertificateProof implements ProofKind {

    @Override
    public boolean fits(Presented presented) {
        return presented.proof() == null && !presented.scheme().equals(ProofScheme.DPOP);
    }

    @Override
    public Possession.Result verify(
            ServerHttpRequest request, Call.Presenting call, BoundToken leaf, String leafHash, Instant now) {
        if (ClientCertificate.provesKey(request, leaf.holder())) {
            return new Possession.Result.Accepted(ProofClaim.NONE, null);
        }
        return call.presented().scheme().equals(ProofScheme.BEARER)
                ? new Possession.Result.Refused(Refusal.of(Presented.UNAUTHENTICATED))
                : Possession.Result.refused("7a", "send an AAT-PoP, or a client certificate of the token's key");
    }
}
