package dev.errand.loop;

import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.context.ContextView;

/**
 * The end of an event loop's turn: when it has read what had arrived and run what was due. Work that serves many calls,
 * as waking the thread that writes the log, is done there once for all calls that the turn handled. An idle loop ends its
 * turn at once, so that it costs a single call nothing.
 */
@FunctionalInterface
public interface EndOfTurn {
    /** At once: for work that comes from no event loop. */
    EndOfTurn NOW = Runnable::run;

    /**
     * Runs the work at the end of this turn, once however often it is asked for; at once if the caller is not on the loop.
     *
     * @param work the same object each time; it must not throw, or wait for another thread
     */
    void defer(Runnable work);

    /**
     * Runs a call's own work behind all that is deferred: while other threads do what they were given at the end of the turn,
     * where the call would but wait for them. At once if the caller is not on the loop.
     *
     * @param work it must not block or throw
     */
    default void afterwards(Runnable work) {
        defer(work);
    }

    /**
     * What a call's own work comes to, done like {@link #afterwards} when it is subscribed to. The same work of all calls of a
     * turn is so done in one go, with its code and tables in the processor's caches; what follows it is to be scheduled on the
     * loop, behind all of it.
     *
     * @param work it must not block; what it throws is the error
     */
    default <T> Mono<T> supply(Supplier<? extends T> work) {
        return Mono.create(sink -> afterwards(() -> {
            T result;
            try {
                result = work.get();
            } catch (Throwable failure) {
                // Also what is fatal, such as a provider's library that does not load: nobody else would end the call.
                sink.error(failure);
                return;
            }
            sink.success(result);
        }));
    }

    /** Whether the caller is on the loop whose turn this is. */
    default boolean isHere() {
        return false;
    }

    /** That of the loop on which the subscriber goes on (see {@link Continuation}), or {@link #NOW}. */
    static EndOfTurn of(ContextView context) {
        return of(Continuation.of(context));
    }

    /** That of the scheduler if it is a loop's, or {@link #NOW}. */
    static EndOfTurn of(Scheduler scheduler) {
        return scheduler instanceof EndOfTurn loop ? loop : NOW;
    }
}
