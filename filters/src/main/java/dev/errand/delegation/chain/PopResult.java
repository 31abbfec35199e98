package dev.errand.delegation.chain;

import dev.errand.json.JsonValue.JsonObject;
import org.jspecify.annotations.Nullable;

/** The outcome of verifying an AAT-PoP, as far as it can be judged before the call's operation is known. */
public sealed interface PopResult {
    /**
     * The holder of the leaf made it, for this leaf and just now. Whether it is for this call is
     * {@link PopVerifier#checkCall}'s to say, whether its {@code jti} is unseen (7i) the state's.
     *
     * @param jti its own identifier, 1 to 128 characters
     * @param issuedAt {@code iat}, epoch seconds
     * @param tool {@code aat_tool}
     * @param arguments {@code hta}
     * @param nonce {@code nonce}, or null (step 7h is whoever's who issues nonces)
     */
    record Accepted(
            String jti,
            long issuedAt,
            String tool,
            JsonObject arguments,
            @Nullable String nonce) implements PopResult {}

    /**
     * A step did not hold.
     *
     * @param step {@code 7a} to {@code 7g}
     */
    record Refused(String step, String reason) implements PopResult {}
}
