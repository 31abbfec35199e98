package dev.errand.upstream.credential.task;

/** Is told of each change of tasks' credentials, for metrics. Thread-safe, quick, never throws. */
public interface CredentialListener {
    /** Hears nothing. */
    CredentialListener NONE = outcome -> {};

    /** What became of an attempt to give a credential back. */
    enum Outcome {
        /** The server took it back. */
        REVOKED,
        /** The server did not; it is asked again. */
        FAILED,
        /** It ended by itself before the server took it back. */
        LAPSED
    }

    /** One credential was to be given back, and this came of it. */
    void gaveBack(Outcome outcome);
}
