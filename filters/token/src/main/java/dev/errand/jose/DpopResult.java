package dev.errand.jose;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.HolderKey;
import org.jspecify.annotations.Nullable;

/** The result of verifying a DPoP proof. */
public sealed interface DpopResult {
    /**
     * The caller holds the key and made the proof for this request. Whether the proof was used before is checked with
     * the claim.
     *
     * @param key the key in the proof
     * @param claim its single use
     * @param tool the {@code aat_tool} claim, if it has one (AAT-02 step 7e)
     * @param arguments the {@code hta} claim, if it has one (AAT-02 step 7f)
     */
    record Accepted(
            HolderKey key,
            ProofClaim claim,
            @Nullable String tool,
            @Nullable JsonObject arguments) implements DpopResult {}

    /**
     * The proof is refused.
     *
     * @param reason what is wrong, in words that quote nothing the caller sent
     * @param useNonce whether the answer is {@code use_dpop_nonce} with a new nonce (RFC 9449 sections 8 and 9)
     */
    record Refused(String reason, boolean useNonce) implements DpopResult {}
}
