package dev.errand.credential;

/** How long the credential of a task may exist. */
public enum CredentialLifetime {
    /** The credential exists from the first call that needs it until the task ends. */
    TASK,
    /** Only while the plan stands at or after the first step that uses its upstream, and not beyond the last one. */
    STEP
}
