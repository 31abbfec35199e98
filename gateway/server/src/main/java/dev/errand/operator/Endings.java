package dev.errand.operator;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Ends all tasks that a search finds, and tells at any time how many are ended and how many will be. The search runs ahead of the
 * endings, so that the number is known early. Works on whoever waits or not; thread-safe, never blocking.
 */
final class Endings {
    private static final int AT_ONCE = 64;

    /** How many tasks may be found and not yet ended. */
    private static final int MOST_AHEAD = 50_000;

    private final AtomicLong found = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();
    private volatile boolean searched;
    private final Mono<Void> work;

    private <T> Endings(Flux<T> search, Function<T, Mono<Boolean>> end) {
        work = search.doOnNext(task -> found.incrementAndGet())
                .doOnComplete(() -> searched = true)
                .limitRate(MOST_AHEAD)
                .flatMap(end, AT_ONCE)
                .doOnNext(done -> ended.addAndGet(done ? 1 : 0))
                .then()
                .cache();
    }

    /**
     * Begins to end the tasks.
     *
     * @param end ends one task; whether it has ended
     */
    static <T> Endings begin(Flux<T> search, Function<T, Mono<Boolean>> end) {
        Endings begun = new Endings(search, end);
        begun.work.subscribe(nothing -> {}, toldByOver -> {});
        return begun;
    }

    /** Completes when nothing is left to be done; fails as the search does. */
    Mono<Void> over() {
        return work;
    }

    /** How many tasks have ended so far. */
    long ended() {
        return ended.get();
    }

    /** How many tasks are still to be ended; null while the search goes on. */
    @Nullable Long ending() {
        // In this order: a task that ends meanwhile counts as one that is still to be ended.
        long done = ended.get();
        return searched ? Long.valueOf(found.get() - done) : null;
    }
}
