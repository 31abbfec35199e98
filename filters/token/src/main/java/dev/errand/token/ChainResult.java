package dev.errand.token;

/** The outcome of verifying a chain. */
public sealed interface ChainResult {
    /** Every step held. */
    record Accepted(VerifiedChain chain) implements ChainResult {}

    /**
     * A step did not hold.
     *
     * @param step its label in AAT-02 section 5, or {@code task:<member>}
     * @param reason what was wrong, without anything secret
     */
    record Refused(String step, String reason) implements ChainResult {}
}
