package dev.errand.holder;

/** What the agent asked for cannot be done; the message says why and never holds a token. */
public class AgentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public AgentException(String message) {
        super(message);
    }
}
