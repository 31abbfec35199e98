package dev.errand.web.stage;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.jose.DpopNonces;
import dev.errand.jose.DpopVerifier;
import dev.errand.jose.ProofClaim;
import dev.errand.token.BoundToken;
import dev.errand.token.PopVerifier;
import dev.errand.web.Call;
import dev.errand.web.Caller;
import dev.errand.web.refusal.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * Judges whether the sender of a call holds the key of its leaf token (AAT-02 step 7). The first {@link ProofKind} that fits
 * what was presented judges. Thread-safe.
 *
 * @param kinds the kinds of proofs; one of them fits any caller
 */
public record Possession(List<ProofKind> kinds) {
    public Possession {
        kinds = List.copyOf(kinds);
    }

    /**
     * Possession by the product's kinds of proof. A further kind is one more entry here.
     *
     * @param nonces null where proofs need no nonce
     * @param window how far a proof's {@code iat} may lie before or after now
     */
    static Possession of(
            String issuer, DpopVerifier dpop, @Nullable DpopNonces nonces, PopVerifier pop, Duration window) {
        return new Possession(List.of(
                new DpopProof(issuer, dpop, nonces), new AatProof(pop, nonces, window), new CertificateProof()));
    }

    /** The outcome. */
    public sealed interface Result {
        /**
         * The sender holds the key.
         *
         * @param claim the proof's single use
         * @param demand what the proof says of the call itself, or null
         */
        record Accepted(ProofClaim claim, Caller.@Nullable ToolDemand demand) implements Result {}

        /** The sender did not prove to hold the key. */
        record Refused(Refusal refusal) implements Result {}

        /** A refusal at this step, for this reason. */
        static Result refused(@Nullable String step, String detail) {
            return new Refused(Refusal.of(new Denial(DenyReason.INVALID_PROOF, step, detail)));
        }

        /** The refusal of a signed proof without the gateway's nonce; its challenge has a nonce. */
        static Result nonceNeeded(@Nullable DpopNonces nonces, Instant now) {
            Denial why = new Denial(DenyReason.INVALID_PROOF, "7h", "sign the nonce of DPoP-Nonce into the proof");
            return new Refused(new Refusal(why, List.of(), nonces == null ? null : nonces.current(now.toEpochMilli())));
        }
    }

    /** @param leafHash the {@code ath} of a proof by the leaf */
    public Result verify(
            ServerHttpRequest request, Call.Presenting call, BoundToken leaf, String leafHash, Instant now) {
        for (int i = 0; i < kinds.size(); i++) {
            if (kinds.get(i).fits(call.presented())) {
                return kinds.get(i).verify(request, call, leaf, leafHash, now);
            }
        }
        throw new IllegalStateException(
                "no kind of proof for " + call.presented().scheme());
    }
}
