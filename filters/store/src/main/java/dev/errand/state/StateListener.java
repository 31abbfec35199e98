package dev.errand.state;

import java.time.Duration;

/**
 * Receives events of the shared state, for metrics. Called on the threads that read the store's answers: an
 * implementation must be thread-safe, quick and never throw.
 */
public interface StateListener {
    /** Ignores all events. */
    StateListener NONE = new StateListener() {};

    /**
     * A batch of steps on one task was committed.
     *
     * @param steps how many steps it held
     * @param scripts how many script calls it took: 1, or more after a conflict or a miss
     * @param latency from the first script call to the last answer
     */
    default void committed(int steps, int scripts, Duration latency) {}

    /** Another replica had changed the task, so the batch is judged again by the value that came back. */
    default void conflict() {}

    /** That many steps failed: the store did not answer in time, refused, or could not be asked. */
    default void failed(int steps, String why) {}

    /**
     * The store had an older record of a task than this replica knew: a failover lost writes that it had acknowledged.
     *
     * @param interrupted whether the task was ended, because this replica knew only the number of the newest record;
     *     otherwise the newest record was written back
     */
    default void rolledBack(String task, boolean interrupted) {}

    /** The circuit breaker changed to this state: {@code CLOSED}, {@code OPEN} or {@code HALF_OPEN}. */
    default void breaker(String state) {}
}
