package dev.errand.task;

import java.util.Locale;

/** The life of a task; only {@link #ACTIVE} permits. */
public enum TaskState {
    ACTIVE,
    /** Ended by the root's holder. */
    COMPLETED,
    /** Ended by a reaction or by the operator. */
    INTERRUPTED,
    /** Its time is over, or the store no longer has it. */
    EXPIRED;

    /** The name on the wire. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
