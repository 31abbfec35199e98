package dev.errand.fleet;

import dev.errand.state.RegularWork;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.redis.SealedTable;
import dev.errand.token.Human;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * The locks that operators set, shared by all replicas. They are read every {@value #POLL_MILLIS} ms, so that a call
 * reads only memory. A call that finds locks in memory which were read {@value #FRESH_MILLIS} ms ago or earlier reads
 * them first ({@link #reading}), so that a lock acts on every replica once {@link #everywhere} has passed. If the store
 * is unavailable, the last locks stay in effect. Thread-safe, never blocking.
 */
public final class Locks implements AutoCloseable {
    static final long POLL_MILLIS = 200;

    /** For how long a call uses locks without reading them. A poll that is late by half of it costs a call nothing. */
    static final long FRESH_MILLIS = 400;

    /** The time between a call's look at the locks and its step. */
    private static final long STEP_MILLIS = 100;

    /** The most locks at a time. */
    public static final int MOST = 1_000;

    /**
     * A lock is first written with a time that is so far ahead, and then with the time at which all replicas could see
     * it.
     */
    private static final long AHEAD_MILLIS = 2_000;

    /** How often the second write of a lock is retried. */
    private static final int AGAIN = 5;

    private static final long FRESH_NANOS = Duration.ofMillis(FRESH_MILLIS).toNanos();

    private final SealedTable table;
    private volatile Seen seen = new Seen(List.of(), 0, System.nanoTime() - FRESH_NANOS);
    private final AtomicReference<@Nullable Mono<Void>> reading = new AtomicReference<>();
    private @Nullable Disposable polling;

    /**
     * The locks as they were last read.
     *
     * @param aheadMillis how far the store's clock was ahead of the wall clock
     * @param askedNanos when the store was asked
     */
    private record Seen(List<Lock> locks, long aheadMillis, long askedNanos) {}

    public Locks(SealedTable table) {
        this.table = table;
    }

    /** Starts to read the locks regularly. */
    public synchronized void start() {
        polling = RegularWork.every(
                Duration.ZERO, Duration.ofMillis(POLL_MILLIS), "the locks cannot be read", this::refresh);
    }

    /**
     * Reads the locks before a call looks at them; null if those in memory are new enough. Calls that come meanwhile
     * share one read. Never fails: if the store does not answer, the last locks stay in effect.
     */
    public @Nullable Mono<Void> reading() {
        if (System.nanoTime() - seen.askedNanos() < FRESH_NANOS) {
            return null;
        }
        Mono<Void> running = reading.get();
        if (running != null) {
            return running;
        }
        Mono<Void> mine = refresh()
                .onErrorComplete(StoreUnavailableException.class)
                .then()
                .doFinally(over -> reading.set(null))
                .cache();
        return reading.compareAndSet(null, mine) ? mine : reading();
    }

    /** Completes when a lock that was set before acts at the next step of every task on every replica. */
    public Mono<Void> everywhere() {
        return Mono.delay(Duration.ofMillis(FRESH_MILLIS + STEP_MILLIS)).then();
    }

    /** Whether there are no locks, so that no task needs a check. */
    public boolean isEmpty() {
        return seen.locks().isEmpty();
    }

    /** All locks that still have an effect, the newest first. */
    public List<Lock> all() {
        return seen.locks();
    }

    /** The approximate time of the store, epoch milliseconds. */
    public long nowMillis() {
        return System.currentTimeMillis() + seen.aheadMillis();
    }

    /** Reads the locks now. */
    public Mono<List<Lock>> refresh() {
        return Mono.defer(() -> refresh(System.nanoTime()));
    }

    private Mono<List<Lock>> refresh(long askedNanos) {
        return table.read().map(rows -> {
            List<Lock> locks = rows.texts().entrySet().stream()
                    .flatMap(row -> Lock.read(row.getKey(), row.getValue()).stream())
                    .filter(lock -> !lock.isOver(rows.nowMillis()))
                    .sorted(Comparator.comparingLong(Lock::atMillis).reversed())
                    .toList();
            seen = new Seen(locks, rows.nowMillis() - System.currentTimeMillis(), askedNanos);
            return locks;
        });
    }

    /** The newest lock that selects the task and passes the test; null if there is none. */
    public @Nullable Lock find(Human human, Collection<String> holders, @Nullable String template, Doing what) {
        long now = nowMillis();
        for (Lock lock : seen.locks()) {
            if (lock.selector().matches(human, holders, template) && what.test(lock, now)) {
                return lock;
            }
        }
        return null;
    }

    /** A test of a lock at a time, epoch milliseconds. */
    public interface Doing {
        boolean test(Lock lock, long nowMillis);
    }

    /** The store's time, epoch milliseconds. */
    public Mono<Long> time() {
        return table.time();
    }

    /**
     * Sets a lock, whose time is that at which every running replica sees it. Empty if there are {@value #MOST} locks
     * already.
     *
     * @param lock its time is replaced
     */
    public Mono<Lock> set(Lock lock) {
        return table.read()
                .flatMap(rows -> {
                    // A row that this build cannot read may be a lock of a newer build, so it stays.
                    List<String> over = rows.texts().entrySet().stream()
                            .filter(row -> Lock.read(row.getKey(), row.getValue())
                                    .filter(found -> found.isOver(rows.nowMillis()))
                                    .isPresent())
                            .map(Map.Entry::getKey)
                            .toList();
                    return rows.texts().size() - over.size() >= MOST
                            ? Mono.<Lock>empty()
                            : table.remove(over).then(Mono.defer(() -> put(lock, rows.nowMillis())));
                })
                .flatMap(set -> refresh()
                        .onErrorComplete(StoreUnavailableException.class)
                        .thenReturn(set));
    }

    /**
     * Writes the lock with a time ahead, and then with its final time. From the first write on, the lock acts on every
     * replica. If the second write fails, the first one stays and is returned.
     */
    private Mono<Lock> put(Lock lock, long nowMillis) {
        Lock ahead = lock.at(nowMillis + AHEAD_MILLIS);
        Mono<Lock> inTime = Mono.defer(table::time)
                .map(lock::at)
                .flatMap(seenByAll -> put(seenByAll).thenReturn(seenByAll))
                .retryWhen(Retry.fixedDelay(AGAIN, Duration.ofMillis(POLL_MILLIS))
                        .filter(StoreUnavailableException.class::isInstance)
                        .onRetryExhaustedThrow((spec, signal) -> signal.failure()))
                .onErrorReturn(StoreUnavailableException.class, ahead);
        return put(ahead).then(inTime);
    }

    private Mono<Void> put(Lock lock) {
        return table.put(lock.id(), lock.write());
    }

    /**
     * Lifts a lock. Tasks that it ended stay ended, and tasks that began before it still end. False if no such lock
     * refuses starts.
     */
    public Mono<Boolean> lift(String id) {
        return refresh().flatMap(locks -> {
            Lock found = locks.stream()
                    .filter(lock -> lock.id().equals(id) && lock.refusesStarts(nowMillis()))
                    .findFirst()
                    .orElse(null);
            return found == null
                    ? Mono.just(false)
                    // The lock is lifted by this write, even if the locks cannot be read again.
                    : put(found.lifted())
                            .then(refresh().onErrorComplete(StoreUnavailableException.class))
                            .thenReturn(true);
        });
    }

    @Override
    public synchronized void close() {
        if (polling != null) {
            polling.dispose();
        }
    }
}
