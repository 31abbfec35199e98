package dev.errand.gateway.issuer;

import dev.errand.denial.StartReason;

/** What an answer of the issuer depends on besides the request: a caller is told which kind is away, and no more. */
public enum Dependency {
    /** Whose keys verify a human's token. */
    IDENTITY_PROVIDER("the identity provider of the subject_token", StartReason.JWKS),
    /** Whose bundle verifies an agent's SVID. */
    TRUST_BUNDLE("the trust bundle of the agent's trust domain", StartReason.BUNDLE),
    /** Where tasks, starts and used proofs are kept. */
    STATE("its state", StartReason.STATE),
    /** Where starts are recorded. */
    LOG("its log", StartReason.LOG);

    private final String words;
    private final StartReason reason;

    Dependency(String words, StartReason reason) {
        this.words = words;
        this.reason = reason;
    }

    /** Why a start is refused that needs it. */
    StartReason reason() {
        return reason;
    }

    /** What it is, in words for callers and for the log. */
    public String words() {
        return words;
    }
}
