package dev.errand.task.approval;

import dev.errand.limit.Bandwidth;

/**
 * How a template asks humans about calls ({@code ask}). Immutable and thread-safe.
 *
 * @param by who may decide
 * @param quorum how many humans must approve, 1 or more
 * @param withinMillis how long a request stands, and an approval with it
 * @param pending how many requests of one task may stand or be approved and unused, 1 to {@value #MAX_PENDING}
 * @param limit how many requests the tasks of one human may open
 * @param refusedInterrupts whether a call that was refused interrupts when it comes again
 * @param always the operations that are asked about at every call
 */
public record AskPolicy(
        Approvers by,
        int quorum,
        long withinMillis,
        int pending,
        Bandwidth limit,
        boolean refusedInterrupts,
        AlwaysAsked always) {
    /** The most requests of one task. */
    public static final int MAX_PENDING = 16;
}
