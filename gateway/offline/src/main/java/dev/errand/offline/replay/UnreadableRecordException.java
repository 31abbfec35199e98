package dev.errand.offline.replay;

/** A record that no gateway writes. Carries no stack trace, since the message says what is wrong. */
public final class UnreadableRecordException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnreadableRecordException(String message) {
        super(message, null, false, false);
    }
}
