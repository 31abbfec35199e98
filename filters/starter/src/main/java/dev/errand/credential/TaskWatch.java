package dev.errand.credential;

import dev.errand.state.TaskStore;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Ends the credentials of tasks that end. The store's channel tells of ends on any replica. A channel can lose a
 * message, so every task with a credential is also looked at from time to time, and at once after the store was away.
 * Thread-safe.
 */
public final class TaskWatch {
    private static final Duration TICK = Duration.ofMillis(500);
    private static final Duration EVERY = Duration.ofSeconds(10);
    private static final Duration EVERY_STEP = Duration.ofSeconds(1);
    static final int AT_ONCE = 500;
    private static final Logger LOG = LoggerFactory.getLogger(TaskWatch.class);

    private final TaskStore store;
    private final TaskCredentials credentials;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private boolean away;
    private long returnedNanos;

    public TaskWatch(TaskStore store, TaskCredentials credentials, Clock clock, LongSupplier nanoTime) {
        this.store = store;
        this.credentials = credentials;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.returnedNanos = nanoTime.getAsLong() - EVERY.toNanos();
    }

    /** Watches until disposed. */
    public Disposable watch() {
        Flux<LeaseSlot> told = store.endings()
                .onBackpressureBuffer(100_000)
                .filter(credentials::has)
                .concatMapIterable(
                        task -> credentials.of(task).stream().limit(1).toList());
        Flux<LeaseSlot> asked = Flux.interval(TICK).onBackpressureDrop().concatMapIterable(tick -> due());
        return Flux.merge(told, asked)
                .flatMap(slot -> credentials.look(slot).onErrorResume(unavailable -> Mono.empty()), 64)
                .doOnError(bug -> LOG.error("the credentials of tasks could not be looked after", bug))
                .retry()
                .subscribe();
    }

    /**
     * The places whose tasks must be looked at now. Places of tasks whose time is over are ended at once. If more are
     * due than can be asked for at once, those come first that were not looked at for the longest time.
     */
    List<LeaseSlot> due() {
        long now = nanoTime.getAsLong();
        if (!store.isAvailable()) {
            away = true;
        } else if (away) {
            away = false;
            returnedNanos = now;
        }
        // For one interval after the store's return, places are due ten times as often.
        Duration every = now - returnedNanos < EVERY.toNanos() ? EVERY.dividedBy(10) : EVERY;
        List<LeaseSlot> due = new ArrayList<>();
        long millis = clock.millis();
        for (LeaseSlot slot : credentials.all()) {
            if (slot.task.expiresAtMillis() <= millis) {
                credentials.end(slot);
            } else if (slot.isDue(now, slot.of.when() == CredentialLifetime.STEP ? EVERY_STEP : every)) {
                due.add(slot);
            }
        }
        if (due.size() > AT_ONCE) {
            due.sort(Comparator.comparingLong(slot -> slot.lookedNanos() - now));
            due = due.subList(0, AT_ONCE);
        }
        due.forEach(slot -> slot.looked(now));
        return due;
    }
}
