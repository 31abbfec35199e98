package dev.errand.credential;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Runs one piece of work at a time. Callers that ask for work in that time share its result. The result is not kept
 * afterwards; Reactor's caching operators would keep it. Thread-safe, never blocking.
 */
final class SingleFlight<T> {
    private final AtomicReference<@Nullable Mono<T>> flight = new AtomicReference<>();

    /** Whether no work is under way. Work counts as ended before its waiters get the result. */
    public boolean isIdle() {
        return flight.get() == null;
    }

    /**
     * The work under way; else this work. It begins with the first subscriber, and continues even if all subscribers
     * leave.
     *
     * @param work must end; the caller must subscribe to the result, or no other work ever begins
     */
    public Mono<T> join(Mono<T> work) {
        // Only the work in `flight` is ever subscribed to, so no other work can clear it.
        Mono<T> fresh = work.doOnTerminate(() -> flight.set(null)).cache();
        Mono<T> before = flight.compareAndExchange(null, fresh);
        return before == null ? fresh : before;
    }
}
