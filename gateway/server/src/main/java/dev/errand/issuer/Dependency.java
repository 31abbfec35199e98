package dev.errand.issuer;

import dev.errand.denial.StartReason;

/** What an answer of the issuer depends on, apart from the request. A caller is told only which of these is away. */
public enum Dependency {
    /** Its keys verify a human's token. */
    IDENTITY_PROVIDER("the identity provider of the subject_token", StartReason.JWKS),
    /** It verifies an agent's SVID. */
    TRUST_BUNDLE("the trust bundle of the agent's trust domain", StartReason.BUNDLE),
    /** It keeps tasks, starts and used proofs. */
    STATE("its state", StartReason.STATE),
    /** It has the records of starts. */
    LOG("its log", StartReason.LOG);

    private final String words;
    private final StartReason reason;

    Dependency(String words, StartReason reason) {
        this.words = words;
        this.reason = reason;
    }

    /** The reason for which a start is refused while it is away. */
    StartReason reason() {
        return reason;
    }

    /** Its name for callers and for the log. */
    public String words() {
        return words;
    }
}
