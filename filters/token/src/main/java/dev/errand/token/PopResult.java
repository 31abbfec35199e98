package dev.errand.token;

import dev.errand.json.JsonValue.JsonObject;
import org.jspecify.annotations.Nullable;

/** The result of verifying an AAT-PoP, as far as that is possible before the call's operation is known. */
public sealed interface PopResult {
    /**
     * The holder of the leaf made the proof, for this leaf and just now. {@link PopVerifier#checkCall} checks whether
     * it is for this call; the state checks whether its {@code jti} is new (7i).
     *
     * @param jti its own identifier, 1 to 128 characters
     * @param issuedAt {@code iat}, epoch seconds
     * @param tool {@code aat_tool}
     * @param arguments {@code hta}
     * @param nonce {@code nonce}, or null (step 7h is left to the issuer of nonces)
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
