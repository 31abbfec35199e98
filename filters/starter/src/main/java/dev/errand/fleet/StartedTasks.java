package dev.errand.fleet;

import dev.errand.state.IndexedTask;
import reactor.core.publisher.Mono;

/**
 * Enters starting tasks into the fleet. Thread-safe, never blocking; fails with
 * {@link dev.errand.state.StoreUnavailableException}.
 */
public interface StartedTasks {
    /** The result of entering a task. */
    enum Entry {
        /** The task is in the index, and no lock refuses it. */
        ENTERED,
        /** The index holds as many tasks as it may. */
        FULL,
        /** A lock selects the task. */
        LOCKED
    }

    /** Enters a task whose record has begun. */
    Mono<Entry> enter(IndexedTask task);

    /** Removes a task whose start failed. Never fails. */
    Mono<Void> leave(IndexedTask task);
}
