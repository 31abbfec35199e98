package dev.errand.upstream.credential;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Work that runs once at a time. Whoever asks while it runs gets its result. The result is not kept afterwards; Reactor's caching
 * operators would keep it. Thread-safe, never blocking.
 */
public final class SingleFlight<T> {
    private final AtomicReference<@Nullable Mono<T>> flight = new AtomicReference<>();

    /** Whether none is under way. One ends before those who wait for it hear of it. */
    public boolean isIdle() {
        return flight.get() == null;
    }

    /**
     * What is under way, or else this work, which begins with the first subscriber and goes on although all of them leave.
     *
     * @param work it must end; to be subscribed to whenever it was asked for, or no other begins
     */
    public Mono<T> join(Mono<T> work) {
        // Only what flies is ever subscribed to, so only that can end.
        Mono<T> fresh = work.doOnTerminate(() -> flight.set(null)).cache();
        Mono<T> before = flight.compareAndExchange(null, fresh);
        return before == null ? fresh : before;
    }
}
