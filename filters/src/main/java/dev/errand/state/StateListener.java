package dev.errand.state;

import java.time.Duration;

/**
 * Hears what the shared state does, for metrics. Called on the threads that read the store's answers: an implementation must be
 * thread-safe, quick and never throw.
 */
public interface StateListener {
    /** Hears nothing. */
    StateListener NONE = new StateListener() {};

    /**
     * A batch of steps on one task was committed.
     *
     * @param steps how many steps it held
     * @param scripts how many script calls it took: 1, or more after a conflict or a miss
     * @param latency from the first script call to the last answer
     */
    default void committed(int steps, int scripts, Duration latency) {}

    /** Another replica had changed the task: the batch is judged again on the value that came back. */
    default void conflict() {}

    /** The store did not answer in time, refused or was not asked; so many steps were given up. */
    default void failed(int steps, String why) {}

    /**
     * The store had an older record of a task than this replica knew: a failover lost what it had acknowledged.
     *
     * @param interrupted whether the task was ended, since only the number of its newest record was known; else it was written back
     */
    default void rolledBack(String task, boolean interrupted) {}

    /** The circuit breaker changed: {@code CLOSED}, {@code OPEN} or {@code HALF_OPEN}. */
    default void breaker(String state) {}
}
