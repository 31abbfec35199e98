package dev.errand.gateway.operator.fleet;

import dev.errand.bytes.Base64Url;
import dev.errand.fleet.Lock;
import dev.errand.fleet.LockedTasks;
import dev.errand.fleet.Locks;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.fleet.FleetTask;
import dev.errand.state.fleet.IndexPage;
import dev.errand.state.fleet.IndexQuery;
import dev.errand.state.fleet.Selector;
import dev.errand.state.redis.fleet.IndexReader;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskState;
import dev.errand.task.record.TaskGlance;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Interrupts all tasks that a selector means: the lock comes first, so that what the index does not have ends at its next step on
 * whichever replica; then those of the index are ended one after the other. Thread-safe, never blocking.
 *
 * @param longest a task's longest life
 */
public record ManyTasks(Locks locks, LockedTasks tasks, IndexReader index, Duration longest) {
    private static final Logger LOG = LoggerFactory.getLogger(ManyTasks.class);
    private static final SecureRandom RANDOM = new SecureRandom();

    private static final int PAGE = 500;
    private static final int AT_ONCE = 64;
    private static final int ID_BYTES = 9;

    /** How long the answer waits. Tasks that are left then are still ended. */
    private static final Duration WAIT = Duration.ofSeconds(20);

    /** For a store that is away for a moment. */
    private static final Retry AGAIN = Retry.fixedDelay(20, Duration.ofMillis(100))
            .filter(StoreUnavailableException.class::isInstance)
            .onRetryExhaustedThrow((spec, signal) -> signal.failure());

    /** Replicas may see a lock so much before its time. */
    private static final long SEEN_MILLIS = 500;

    private static final Duration MARGIN = Duration.ofMinutes(1);
    private static final long NO_BOUND_MILLIS = Duration.ofHours(1).toMillis();

    /**
     * What is ordered.
     *
     * @param lock how long no such task may start; null where it may
     */
    public record Order(
            Selector selector,
            String by,
            String why,
            boolean tell,
            @Nullable Duration lock) {}

    /**
     * What came of it.
     *
     * @param ended how many tasks were ended by it so far
     */
    public record Done(long ended, Lock lock) {}

    /** Sets the lock and ends the tasks; empty where there are too many locks. */
    public Mono<Done> interrupt(Order order) {
        byte[] id = new byte[ID_BYTES];
        RANDOM.nextBytes(id);
        long lasts = order.lock() == null ? 0 : order.lock().toMillis();
        long kept = System.currentTimeMillis() + longest.plus(MARGIN).toMillis();
        Lock asked = new Lock(
                "l-" + Base64Url.encode(id), 0, lasts, kept, order.by(), order.why(), order.tell(), order.selector());
        return locks.set(asked).flatMap(lock -> {
            AtomicLong ended = new AtomicLong();
            Mono<Void> work = Pages.each(below -> page(lock, below, ended), page -> page.below())
                    .onErrorResume(StoreUnavailableException.class, e -> {
                        LOG.warn("lock {}: not all tasks of the index could be ended: {}", lock.id(), e.getMessage());
                        return Mono.empty();
                    })
                    .cache();
            work.subscribe();
            return work.timeout(WAIT, Mono.empty()).then(Mono.fromCallable(() -> new Done(ended.get(), lock)));
        });
    }

    /** Ends the tasks of one page, and tells the page. */
    private Mono<IndexPage> page(Lock lock, @Nullable String below, AtomicLong ended) {
        Selector selector = lock.selector();
        IndexQuery query = new IndexQuery(
                selector.template(),
                selector.human() == null
                        ? null
                        : selector.human().issuer() + " " + selector.human().subject(),
                selector.agent(),
                task -> isMeant(lock, task),
                PAGE,
                below,
                NO_BOUND_MILLIS);
        return index.page(query)
                .retryWhen(AGAIN)
                .flatMap(page -> Flux.fromIterable(page.tasks())
                        .flatMap(
                                task -> tasks.end(
                                                new TaskKey(task.facts().task()),
                                                task.facts().human(),
                                                task.facts().template(),
                                                lock)
                                        // Ended by this step, or by another that came first.
                                        .thenReturn(true)
                                        .retryWhen(AGAIN)
                                        // One that cannot be ended now ends at its next step.
                                        .onErrorReturn(StoreUnavailableException.class, false),
                                AT_ONCE)
                        .doOnNext(done -> ended.addAndGet(done ? 1 : 0))
                        .doOnComplete(() -> page.tasks().stream()
                                .reduce((one, other) -> other)
                                .ifPresent(last ->
                                        tasks.confirm(new TaskKey(last.facts().task()))))
                        .then(Mono.just(page)));
    }

    /** Whether a replica ended it since the lock was there: at its next step, most likely. */
    private static boolean isEndedSince(Lock lock, TaskGlance glance) {
        return glance.ended() == TaskState.INTERRUPTED && glance.steppedMillis() >= lock.atMillis() - SEEN_MILLIS;
    }

    /** Whether it began before the lock, and runs or was ended since. */
    private static boolean isMeant(Lock lock, FleetTask task) {
        if (!lock.selector().matches(task)
                || task.glance() == null
                || !(task.glance().ended() == TaskState.ACTIVE || isEndedSince(lock, task.glance()))) {
            return false;
        }
        long began = task.glance().beganMillis();
        return (began > 0 ? began : task.facts().startedMillis()) <= lock.atMillis();
    }
}
