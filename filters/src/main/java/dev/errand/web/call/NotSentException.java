package dev.errand.web.call;

/** Why a call that was permitted was not sent, by no fault of the upstream's. */
public abstract sealed class NotSentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private NotSentException(String why) {
        super(why, null, false, false);
    }

    /** The request about to be sent is not the one that was decided. */
    public static final class DecidedDiffersException extends NotSentException {
        private static final long serialVersionUID = 1L;

        public DecidedDiffersException() {
            super("the decided request and the one about to be sent differ");
        }
    }

    /** The upstream's own credential could not be had. */
    public static final class NoCredentialException extends NotSentException {
        private static final long serialVersionUID = 1L;

        public NoCredentialException() {
            super("the upstream's credential is unavailable");
        }
    }
}
