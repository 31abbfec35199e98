package dev.errand.holder;

/** A request of the agent that cannot be done. The message says why, and never holds a token. */
public class AgentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public AgentException(String message) {
        super(message);
    }
}
