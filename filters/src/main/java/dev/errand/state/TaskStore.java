package dev.errand.state;

import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The state of all tasks, shared by all replicas. Thread-safe, never blocking. */
public interface TaskStore {
    /**
     * Applies one step atomically. Ends with a {@link StoreUnavailableException} if the store did not answer within
     * the configured time: the call must then be refused, and a debit that may have been made is kept.
     */
    Mono<TaskOutcome> apply(TaskKey key, TaskPolicy policy, TaskStep step);

    /** Keys of tasks whose state or any of whose tokens ended, on whichever replica. Hot; may lose events. */
    Flux<TaskKey> endings();

    /** Whether the store answered lately, for readiness and for the cutting of streams. */
    boolean isAvailable();
}
