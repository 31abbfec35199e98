package dev.errand.state;

/** The shared state could not be reached in time. Carries no stack trace: it is an expected failure mode. */
public final class StoreUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StoreUnavailableException(String message) {
        super(message, null, false, false);
    }
}
