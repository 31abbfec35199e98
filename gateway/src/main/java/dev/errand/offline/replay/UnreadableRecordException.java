package dev.errand.offline.replay;

/** A record is not one that a gateway writes. Carries no stack trace: the message names what is wrong. */
public final class UnreadableRecordException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnreadableRecordException(String message) {
        super(message, null, false, false);
    }
}
