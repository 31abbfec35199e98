package dev.errand.operator;

import dev.errand.fleet.Lock;
import dev.errand.fleet.LockedTasks;
import dev.errand.fleet.Locks;
import dev.errand.log.EndedBy;
import dev.errand.state.FleetTask;
import dev.errand.state.IndexPage;
import dev.errand.state.IndexQuery;
import dev.errand.state.Selector;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.redis.IndexReader;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskState;
import dev.errand.task.record.TaskGlance;
import dev.errand.token.Base64Url;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.function.Tuple2;
import reactor.util.retry.Retry;

/**
 * Interrupts all tasks that a selector matches. The lock is set first, so that a task which the index does not have ends at its next
 * step on any replica. Then the tasks of the index are ended. Thread-safe, never blocking.
 *
 * @param longest a task's longest life
 */
record ManyTasks(Locks locks, LockedTasks tasks, IndexReader index, Duration longest) {
    private static final Logger LOG = LoggerFactory.getLogger(ManyTasks.class);
    private static final SecureRandom RANDOM = new SecureRandom();

    private static final int PAGE = 500;
    private static final int ID_BYTES = 9;

    /** How long the answer waits. The tasks that remain are ended afterwards. */
    private static final Duration WAIT = Duration.ofSeconds(20);

    private static final Duration MARGIN = Duration.ofMinutes(1);
    private static final long NO_BOUND_MILLIS = Duration.ofHours(1).toMillis();

    /**
     * An operator's order.
     *
     * @param lock how long no such task may start; null if such tasks may start at once
     */
    public record Order(
            Selector selector,
            EndedBy by,
            String why,
            boolean tell,
            @Nullable Duration lock) {}

    /**
     * The result of an order.
     *
     * @param ended how many tasks the order has ended so far
     * @param ending how many tasks it is still going to end; null if the index was not read to its end yet
     * @param last the result when no task is left to be ended, or cannot be ended any more; empty if this is the last one
     */
    public record Done(long ended, @Nullable Long ending, Lock lock, Mono<Done> last) {}

    /** Sets the lock and ends the tasks; empty if there are too many locks. */
    public Mono<Done> interrupt(Order order) {
        byte[] id = new byte[ID_BYTES];
        RANDOM.nextBytes(id);
        long lasts = order.lock() == null ? 0 : order.lock().toMillis();
        long kept = System.currentTimeMillis() + longest.plus(MARGIN).toMillis();
        Lock asked = new Lock(
                "l-" + Base64Url.encode(id), 0, lasts, kept, order.by(), order.why(), order.tell(), order.selector());
        return locks.time().flatMap(before -> locks.set(asked).flatMap(lock -> inForce(lock, before)));
    }

    /** Ends the tasks; answers when the lock also acts on the tasks that the index does not have. */
    private Mono<Done> inForce(Lock lock, long beforeMillis) {
        return Mono.zip(end(lock, beforeMillis), locks.everywhere().thenReturn(lock))
                .map(Tuple2::getT1);
    }

    /** @param beforeMillis a time at which no replica could see the lock yet, by the store's clock, epoch milliseconds */
    private Mono<Done> end(Lock lock, long beforeMillis) {
        Retry again = again(lock);
        Flux<FleetTask> search = Pages.each(
                        below -> index.page(query(lock, beforeMillis, below)).retryWhen(again), IndexPage::below)
                .concatMapIterable(IndexPage::tasks);
        AtomicReference<@Nullable TaskKey> newest = new AtomicReference<>();
        Endings endings = Endings.begin(search, task -> end(task, lock, again, newest));
        Mono<Done> last = endings.over()
                .onErrorResume(StoreUnavailableException.class, e -> {
                    LOG.warn("lock {}: not all tasks of the index could be ended: {}", lock.id(), e.getMessage());
                    return Mono.empty();
                })
                .then(Mono.fromCallable(() -> new Done(endings.ended(), endings.ending(), lock, Mono.empty())))
                .doOnNext(done -> confirm(newest.get()))
                .cache();
        return last.timeout(WAIT, Mono.fromCallable(() -> new Done(endings.ended(), endings.ending(), lock, last)));
    }

    private IndexQuery query(Lock lock, long beforeMillis, @Nullable String below) {
        Selector selector = lock.selector();
        return new IndexQuery(
                selector.template(),
                selector.human() == null
                        ? null
                        : selector.human().issuer() + " " + selector.human().subject(),
                selector.agent(),
                task -> isMeant(lock, beforeMillis, task),
                PAGE,
                below,
                NO_BOUND_MILLIS);
    }

    private void confirm(@Nullable TaskKey newest) {
        if (newest != null) {
            tasks.confirm(newest);
        }
    }

    private Mono<Boolean> end(FleetTask task, Lock lock, Retry again, AtomicReference<@Nullable TaskKey> newest) {
        TaskKey key = new TaskKey(task.facts().task());
        return tasks.end(key, task.facts().human(), task.facts().template(), lock)
                // The task was ended by this step, or by an earlier one.
                .thenReturn(true)
                .retryWhen(again)
                .doOnNext(done -> newest.set(key))
                // Then it would have expired long ago.
                .onErrorReturn(StoreUnavailableException.class, false);
    }

    /** Tries again while the store is away, as long as a task that began before the lock may live. */
    private static Retry again(Lock lock) {
        return Retry.backoff(Long.MAX_VALUE, Duration.ofMillis(100))
                .maxBackoff(Duration.ofSeconds(2))
                .filter(e -> e instanceof StoreUnavailableException && System.currentTimeMillis() < lock.keptMillis());
    }

    /** Whether the task was interrupted since that time, most likely by the lock at the task's next step. */
    private static boolean isEndedSince(long beforeMillis, TaskGlance glance) {
        return glance.ended() == TaskState.INTERRUPTED && glance.steppedMillis() > beforeMillis;
    }

    /**
     * Whether the selector matches a task that began before the lock, and that was active when the lock was set or was ended by
     * the lock.
     *
     * @param beforeMillis a time at which no replica could see the lock yet, by the store's clock, epoch milliseconds
     */
    static boolean isMeant(Lock lock, long beforeMillis, FleetTask task) {
        TaskGlance glance = task.glance();
        if (!lock.selector().matches(task)
                || glance == null
                || !(glance.state(lock.atMillis()) == TaskState.ACTIVE || isEndedSince(beforeMillis, glance))) {
            return false;
        }
        long began = glance.beganMillis();
        return (began > 0 ? began : task.facts().startedMillis()) <= lock.atMillis();
    }
}
