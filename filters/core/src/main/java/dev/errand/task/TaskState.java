package dev.errand.task;

import java.util.Locale;

/** The states of a task; only an {@link #ACTIVE} one permits calls. */
public enum TaskState {
    ACTIVE,
    /** Ended by the root's holder. */
    COMPLETED,
    /** Ended by a reaction, an operator, or a store that lost newer records. */
    INTERRUPTED,
    /** The task's time is over, or the store no longer has the task. */
    EXPIRED;

    /** The name on the wire. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
