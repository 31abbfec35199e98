package dev.errand.web;

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

    /** The task, or a token of the chain, ended before the call was sent. */
    public static final class EndedException extends NotSentException {
        private static final long serialVersionUID = 1L;

        public EndedException(String state) {
            super("the task is " + state);
        }
    }

    /** The call was given back before it was sent. */
    public static final class GivenBackException extends NotSentException {
        private static final long serialVersionUID = 1L;

        public GivenBackException() {
            super("the call was given back");
        }
    }

    /** The permit was too old, and the state store could not say whether the task still runs. */
    public static final class UndecidedException extends NotSentException {
        private static final long serialVersionUID = 1L;

        public UndecidedException() {
            super("the state store is unavailable");
        }
    }

    /** The upstream's credential names the agent, and nothing proved who the agent is. */
    public static final class NotAttestedException extends NotSentException {
        private static final long serialVersionUID = 1L;

        public NotAttestedException() {
            super("the upstream's credential names the agent, and nothing proved the agent's identity");
        }
    }

    /** There is no credential for the upstream. */
    public static final class NoCredentialException extends NotSentException {
        private static final long serialVersionUID = 1L;

        public NoCredentialException() {
            super("the upstream's credential is unavailable");
        }
    }
}
