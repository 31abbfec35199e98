package dev.errand.task;

import dev.errand.limit.Bandwidth;

/**
 * How a template asks humans about calls ({@code ask}). Immutable and thread-safe.
 *
 * @param by who may decide
 * @param quorum how many humans must approve, 1 or more
 * @param withinMillis how long a request stays open, including the time in which an approval can be used
 * @param pending how many requests of one task may be open or approved and unused, 1 to {@value #MAX_PENDING}
 * @param limit how many requests the tasks of one human may open
 * @param refusedInterrupts whether a refused call interrupts if it is made again
 * @param always the operations about which humans are asked at every call
 */
public record AskPolicy(
        Approvers by,
        int quorum,
        long withinMillis,
        int pending,
        Bandwidth limit,
        boolean refusedInterrupts,
        AlwaysAsked always) {
    /** The most open requests of one task. */
    public static final int MAX_PENDING = 16;
}
