package dev.errand.credential;

/** Gets each change of tasks' credentials, for metrics. Implementations are thread-safe, quick, and never throw. */
public interface CredentialListener {
    /** The result of an attempt to give a credential back. */
    enum Outcome {
        /** The server took it back. */
        REVOKED,
        /** The server did not; it is asked again. */
        FAILED,
        /** It ended by itself before the server took it back. */
        LAPSED
    }

    /** One attempt to give a credential back had this result. */
    void gaveBack(Outcome outcome);
}
