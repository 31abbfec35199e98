package dev.errand.web.stage;

import dev.errand.token.BoundToken;
import dev.errand.web.Call;
import dev.errand.web.Presented;
import java.time.Instant;
import org.springframework.http.server.reactive.ServerHttpRequest;

/** A way to prove that the sender of a call holds the key of its leaf token. Thread-safe. */
public interface ProofKind {
    /** Whether what was presented is to be proven in this way. */
    boolean fits(Presented presented);

    /**
     * Judges the proof.
     *
     * @param leafHash the {@code ath} of a proof by the leaf
     */
    Possession.Result verify(
            ServerHttpRequest request, Call.Presenting call, BoundToken leaf, String leafHash, Instant now);
}
