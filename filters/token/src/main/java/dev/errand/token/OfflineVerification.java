package dev.errand.token;

import static dev.errand.token.StepException.require;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Verifies a chain, and one call under it, with only anchors and a clock: the result of {@code errand verify}.
 * Whether the {@code jti} of a proof is new (7i) cannot be checked here. Thread-safe.
 */
public final class OfflineVerification {
    private final SignatureVerifier signatures;
    private final List<Anchor> anchors;
    private final Limits limits;

    private OfflineVerification(SignatureVerifier signatures, List<Anchor> anchors, Limits limits) {
        this.signatures = signatures;
        this.anchors = List.copyOf(anchors);
        this.limits = limits;
    }

    /** The verdict. */
    public sealed interface Verdict {
        /** Every step held. */
        record Permit() implements Verdict {}

        /**
         * A step did not hold.
         *
         * @param step its label
         */
        record Deny(String step, String reason) implements Verdict {}
    }

    /**
     * One call under the chain.
     *
     * @param proof its AAT-PoP in compact form, or null to judge the grant alone
     */
    public record Call(@Nullable String proof, String tool, JsonObject arguments) {}

    /**
     * What a deployment demands in addition: AAT-02 leaves these three demands to it.
     *
     * @param nonce the nonce that the proof must hold (7h); null if any or none will do
     * @param audience whether the root must have an {@code aud} (6c); derived tokens need not repeat it
     * @param proofAudience whether the proof must have an {@code aat_aud} (7d)
     */
    public record Demands(@Nullable String nonce, boolean audience, boolean proofAudience) {
        /** No further demands. */
        public static final Demands NONE = new Demands(null, false, false);
    }

    /**
     * Reads anchors from a JWKS. An anchor's issuer is the {@code iss} of its JWK; without it, any issuer. Keys of
     * another use than {@code issue}, and keys of types that sign no root, are skipped. Empty if this is no JWKS or no
     * key is left.
     */
    public static Optional<OfflineVerification> of(SignatureVerifier signatures, JsonObject jwks, Limits limits) {
        if (!(jwks.get("keys") instanceof JsonArray keys)) {
            return Optional.empty();
        }
        List<Anchor> anchors = new ArrayList<>();
        for (JsonValue element : keys.values()) {
            if (element instanceof JsonObject jwk && KeyUse.ISSUE.permits(jwk)) {
                Optional<HolderKey> key = signatures.parsePublicKey(jwk);
                key.ifPresent(k -> anchors.add(new Anchor(jwk.string("iss"), jwk.string("kid"), k, false)));
            }
        }
        return anchors.isEmpty() ? Optional.empty() : Optional.of(new OfflineVerification(signatures, anchors, limits));
    }

    /**
     * Verifies untrusted compact tokens, root first.
     *
     * @param audience our name, or null to skip 6c and 7d
     * @param demands what the deployment demands beyond the standard
     */
    public Verdict verify(
            List<String> chain, Instant at, @Nullable String audience, @Nullable Call call, Demands demands) {
        Set<String> audiences = audience == null ? Set.of() : Set.of(audience);
        ChainResult result = ChainVerifier.offline(signatures, () -> anchors, audiences, limits)
                .verify(chain, at);
        if (result instanceof ChainResult.Refused rejected) {
            return new Verdict.Deny(rejected.step(), rejected.reason());
        }
        try {
            VerifiedChain verified = ((ChainResult.Accepted) result).chain();
            boolean bound =
                    !demands.audience() || !verified.rootToken().audience().isEmpty();
            require(bound, "6c", "the root has no aud");
            if (call != null) {
                check(
                        call,
                        verified.leaf(),
                        new PopVerifier(signatures, audiences, demands.proofAudience(), limits),
                        at,
                        demands);
            }
            return new Verdict.Permit();
        } catch (StepException e) {
            return new Verdict.Deny(e.step(), e.reason());
        }
    }

    private static void check(Call call, DelegationToken leaf, PopVerifier proofs, Instant at, Demands demands)
            throws StepException {
        if (call.proof() == null) {
            requireGranted(call, leaf.capability());
            return;
        }
        CompactJws signed = proofs.signed(call.proof(), leaf);
        requireGranted(call, leaf.capability());
        PopResult.Accepted proven = proofs.claims(signed, leaf);
        Optional<PopResult.Refused> mismatch =
                PopVerifier.checkCall(proven.tool(), proven.arguments(), call.tool(), call.arguments());
        if (mismatch.isPresent()) {
            throw new StepException(mismatch.get().step(), mismatch.get().reason());
        }
        proofs.requireFresh(proven, at);
        boolean asked = demands.nonce() == null || demands.nonce().equals(proven.nonce());
        require(asked, "7h", "the proof's nonce is not the one that was asked for");
    }

    private static void requireGranted(Call call, Capability capability) throws StepException {
        Capability.Check check = capability.check(call.tool(), call.arguments());
        require(!(check instanceof Capability.Check.NoSuchTool), "6b", "the leaf does not grant " + call.tool());
        if (check instanceof Capability.Check.Violated violated) {
            throw new StepException("6b", "the leaf does not admit the argument " + violated.argument());
        }
    }
}
