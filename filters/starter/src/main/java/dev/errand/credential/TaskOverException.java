package dev.errand.credential;

/** The task ended before its credential could be used. Carries no stack trace. */
public final class TaskOverException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param state the task's state, as it stands in answers */
    public TaskOverException(String state) {
        super(state, null, false, false);
    }
}
