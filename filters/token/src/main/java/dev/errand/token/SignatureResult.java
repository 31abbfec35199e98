package dev.errand.token;

/** The result of verifying only the signatures of a chain. */
public sealed interface SignatureResult {
    /** Every signature verified. */
    record Accepted(SignedChain chain) implements SignatureResult {}

    /**
     * A step did not hold.
     *
     * @param step one of the steps 1, 2a to 2c, 3a, 3b, 3j, 3l, 4a and 4b, or 4f for more tokens than may be in a chain
     */
    record Refused(String step, String reason) implements SignatureResult {}
}
