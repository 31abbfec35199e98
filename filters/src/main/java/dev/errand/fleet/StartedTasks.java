package dev.errand.fleet;

import dev.errand.state.fleet.IndexedTask;
import reactor.core.publisher.Mono;

/** Lets tasks that start into the fleet. Thread-safe, never blocking; fails with {@link dev.errand.state.StoreUnavailableException}. */
public interface StartedTasks {
    /** What became of a start. */
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

    /** Takes a task out whose start failed. Never fails. */
    Mono<Void> leave(IndexedTask task);
}
