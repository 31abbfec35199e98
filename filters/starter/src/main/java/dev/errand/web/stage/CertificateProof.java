package dev.errand.web.stage;

import dev.errand.jose.ProofClaim;
import dev.errand.token.BoundToken;
import dev.errand.token.ProofScheme;
import dev.errand.web.Call;
import dev.errand.web.ClientCertificate;
import dev.errand.web.Presented;
import java.time.Instant;
import org.springframework.http.server.reactive.ServerHttpRequest;

/** The client certificate of the connection, under the scheme {@code AAT} without a proof. Thread-safe. */
final class CertificateProof implements ProofKind {

    @Override
    public boolean fits(Presented presented) {
        return presented.scheme().equals(ProofScheme.AAT) && presented.proof() == null;
    }

    @Override
    public Possession.Result verify(
            ServerHttpRequest request, Call.Presenting call, BoundToken leaf, String leafHash, Instant now) {
        return ClientCertificate.provesKey(request, leaf.holder())
                ? new Possession.Result.Accepted(ProofClaim.NONE, null)
                : Possession.Result.refused("7a", "send an AAT-PoP, or a client certificate of the token's key");
    }
}
