package dev.errand.web;

import dev.errand.denial.Denial;

/** A live call was cut. */
public final class CutException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Denial why;
    private final boolean goingAway;

    public CutException(Denial why, boolean goingAway) {
        super(why.detail(), null, false, false);
        this.why = why;
        this.goingAway = goingAway;
    }

    /** The denial for an agent that has not been answered yet. */
    public Denial why() {
        return why;
    }

    /** Whether the replica stops, and the call may be made again elsewhere; else it may not go on. */
    public boolean isGoingAway() {
        return goingAway;
    }
}
