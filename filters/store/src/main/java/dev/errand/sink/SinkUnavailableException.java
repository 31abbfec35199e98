package dev.errand.sink;

/** A sink does not accept records at the moment. Carries no stack trace: it is an expected failure mode. */
final class SinkUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    /** @param message must contain no secret */
    public SinkUnavailableException(String message) {
        super(message, null, false, false);
    }

    /** Describes a failure of a client library by its class and message. */
    public static SinkUnavailableException of(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return new SinkUnavailableException(cause.getClass().getSimpleName() + (message == null ? "" : ": " + message));
    }
}
