package dev.errand.gateway.issuer;

/** What an answer of the issuer depends on besides the request: a caller is told which kind is away, and no more. */
public enum Dependency {
    /** Whose keys verify a human's token. */
    IDENTITY_PROVIDER("the identity provider of the subject_token"),
    /** Whose bundle verifies an agent's SVID. */
    TRUST_BUNDLE("the trust bundle of the agent's trust domain"),
    /** Where tasks, starts and used proofs are kept. */
    STATE("its state");

    private final String words;

    Dependency(String words) {
        this.words = words;
    }

    /** What it is, in words for callers and for the log. */
    public String words() {
        return words;
    }
}
