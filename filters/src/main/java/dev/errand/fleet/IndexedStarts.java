package dev.errand.fleet;

import dev.errand.state.fleet.IndexedTask;
import dev.errand.state.redis.fleet.RedisTaskIndex;
import java.util.List;
import reactor.core.publisher.Mono;

/** Tasks that start come into the index, and past the locks. Thread-safe. */
public final class IndexedStarts implements StartedTasks {
    private final RedisTaskIndex index;
    private final Locks locks;

    public IndexedStarts(RedisTaskIndex index, Locks locks) {
        this.index = index;
        this.locks = locks;
    }

    /**
     * The locks are read from the store behind the begin of the task's record, so that a lock which is set meanwhile either refuses the
     * start here, or ends the task since it began before.
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
