package dev.errand.fleet;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.errand.log.EndedBy;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.policy.GoverningPolicies;
import dev.errand.state.TaskStore;
import dev.errand.state.redis.IndexReader;
import dev.errand.state.redis.RedisTaskIndex;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.task.record.TaskGlance;
import dev.errand.token.DelegationToken;
import dev.errand.token.Human;
import dev.errand.token.VerifiedChain;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Ends tasks that a lock selects and that began before it. A task that began later is remembered, so that its further
 * calls cost nothing. Thread-safe, never blocking; fails with {@link dev.errand.state.StoreUnavailableException}.
 */
public final class LockedTasks implements OrderedEnds {
    private static final Logger LOG = LoggerFactory.getLogger(LockedTasks.class);

    private static final int MOST_REMEMBERED = 50_000;

    /** The longest time after a lock's time until every replica has seen the lock. */
    private static final long SEEN_LATE_MILLIS = 1_000;

    /** How long after a lock {@link #includes} finds its tasks. By then the store has ended them and says so. */
    private static final long RECENT_MILLIS = 60_000;

    /** A root states its time in whole seconds, by another clock than the lock's. */
    private static final long UNCERTAIN_MILLIS = 2_000;

    private final Locks locks;
    private final TaskStore tasks;
    private final IndexReader reader;
    private final RedisTaskIndex index;
    private final ProvenanceLog log;
    private final BiConsumer<@Nullable String, EndedBy> endings;
    /** The tasks that began later than locks: each with the time of the latest lock that was checked. */
    private final Cache<TaskKey, Long> later = Caffeine.newBuilder()
            .maximumSize(MOST_REMEMBERED)
            .expireAfterAccess(Duration.ofMinutes(10))
            .executor(Runnable::run)
            .build();

    /** @param endings is told of each task that is ended: its template, or null, and who ended it */
    public LockedTasks(
            Locks locks,
            TaskStore tasks,
            IndexReader reader,
            RedisTaskIndex index,
            ProvenanceLog log,
            BiConsumer<@Nullable String, EndedBy> endings) {
        this.endings = endings;
        this.index = index;
        this.locks = locks;
        this.tasks = tasks;
        this.reader = reader;
        this.log = log;
    }

    /** Reads the locks before a call looks at them; null if those in memory are new enough. */
    public @Nullable Mono<Void> reading() {
        return locks.reading();
    }

    /** Whether there is no lock, so that calls need no check. */
    public boolean none() {
        return locks.isEmpty();
    }

    @Override
    public boolean isAny() {
        List<Lock> all = locks.all();
        return !all.isEmpty() && isRecent(all.get(0), locks.nowMillis());
    }

    @Override
    public boolean includes(VerifiedChain chain, @Nullable String template) {
        if (chain.root().task() == null) {
            // A task of another anchor begins with its first call, and not with its root.
            return false;
        }
        long issued = chain.rootToken().issuedAt() * 1000 + UNCERTAIN_MILLIS;
        return locks.find(
                        chain.root().human(),
                        holders(chain),
                        template,
                        (lock, now) -> isRecent(lock, now) && issued < lock.atMillis())
                != null;
    }

    private static boolean isRecent(Lock lock, long nowMillis) {
        return nowMillis - lock.atMillis() < RECENT_MILLIS;
    }

    private static List<String> holders(VerifiedChain chain) {
        return chain.tokens().stream()
                .map(DelegationToken::actor)
                .filter(Objects::nonNull)
                .toList();
    }

    /**
     * Checks a task whose holder is about to make a step. If a lock ends the task, that step finds it ended.
     *
     * @param template null if no template governs the task
     * @return null if no lock concerns the task; else whether the step may be made: false only for the first step of
     *     another anchor's task that may not start now
     */
    public @Nullable Mono<Boolean> see(TaskKey key, VerifiedChain chain, @Nullable String template) {
        boolean foreign = chain.root().task() == null;
        Lock lock = locks.find(
                chain.root().human(),
                holders(chain),
                template,
                (found, now) -> isNews(key, found) || startsHeld(foreign, found, now));
        return lock == null
                ? null
                : reader.glance(key.value()).flatMap(glance -> end(key, chain, template, lock, glance));
    }

    private boolean isNews(TaskKey key, Lock lock) {
        Long until = later.getIfPresent(key);
        return until == null || until < lock.atMillis();
    }

    private static boolean startsHeld(boolean foreign, Lock lock, long nowMillis) {
        return foreign && lock.refusesStarts(nowMillis);
    }

    private Mono<Boolean> end(
            TaskKey key, VerifiedChain chain, @Nullable String template, Lock lock, Optional<TaskGlance> found) {
        boolean foreign = chain.root().task() == null;
        boolean held = startsHeld(foreign, lock, locks.nowMillis());
        if (found.isEmpty()) {
            return Mono.just(!held);
        }
        TaskGlance glance = found.get();
        if (glance.ended() != TaskState.ACTIVE) {
            return Mono.just(true);
        }
        long began = glance.beganMillis() > 0
                ? glance.beganMillis()
                : chain.rootToken().issuedAt() * 1000;
        // The first call may have come before this replica saw the lock.
        if (began > lock.atMillis() + (held ? SEEN_LATE_MILLIS : 0)) {
            later.put(key, lock.atMillis());
            return Mono.just(true);
        }
        return end(key, chain.root().human(), template, lock)
                .doOnNext(ended -> confirm(key))
                .thenReturn(true);
    }

    /** Ends a task. Returns whether this step ended it. */
    public Mono<Boolean> end(TaskKey key, Human human, @Nullable String template, Lock lock) {
        return tasks.apply(key, GoverningPolicies.UNTEMPLATED, TaskStep.Interrupt.byOperator(lock.why(), lock.tell()))
                .map(outcome -> outcome instanceof TaskOutcome.Done done && done.ended())
                .doOnNext(ended -> {
                    if (ended) {
                        record(key, human, template, lock);
                    }
                });
    }

    /** Records the end after the step, so that neither a full disk nor a slow one keeps a task running. */
    private void record(TaskKey key, Human human, @Nullable String template, Lock lock) {
        EndedBy by = lock.by();
        endings.accept(template, by);
        log.append(new ProvenanceRecord.Ended(
                        Instant.now(),
                        key.value(),
                        null,
                        null,
                        TaskState.INTERRUPTED.wire(),
                        by,
                        null,
                        human,
                        lock.why()))
                .subscribe(
                        nothing -> {}, e -> LOG.warn("ending not recorded task={}: {}", key.value(), e.getMessage()));
        index.endedBy(key.value(), by.wire()).onErrorComplete().subscribe();
    }

    /** Waits in the background until a replica of the store has the task's new state. */
    public void confirm(TaskKey key) {
        tasks.confirm(key).subscribe();
    }
}
