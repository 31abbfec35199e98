package dev.errand.autoconfigure;

import dev.errand.fleet.Lock;
import dev.errand.fleet.Locks;
import dev.errand.fleet.StartedTasks;
import dev.errand.state.IndexedTask;
import dev.errand.state.redis.RedisTaskIndex;
import java.util.List;
import reactor.core.publisher.Mono;

/** Enters starting tasks into the index, and checks them against the locks. Thread-safe. */
record IndexedStarts(RedisTaskIndex index, Locks locks) implements StartedTasks {
    /**
     * Reads the locks from the store after the task's record has begun. So a lock that is set at the same time either
     * refuses the start here, or ends the task, which began before it.
     */
    @Override
    public Mono<Entry> enter(IndexedTask task) {
        return Mono.zip(index.enter(task), locks.refresh()).map(both -> {
            List<String> holders = task.agent() == null ? List.of() : List.of(task.agent());
            if (locks.find(task.human(), holders, task.template(), Lock::refusesStarts) != null) {
                return Entry.LOCKED;
            }
            return both.getT1() ? Entry.ENTERED : Entry.FULL;
        });
    }

    @Override
    public Mono<Void> leave(IndexedTask task) {
        return index.leave(task).onErrorComplete();
    }
}
