package dev.errand.credential;

/** A credential must name the agent of a task, but nothing proved who the agent is. Carries no stack trace. */
public final class NotAttestedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NotAttestedException() {
        super("the upstream's credential names the agent, and nothing proved the agent's identity", null, false, false);
    }
}
