package dev.errand.loop;

import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.context.ContextView;

/**
 * The end of an event loop's turn. A turn ends when the loop has read what had arrived and has run what was due. Work
 * that serves many calls, such as waking the thread that writes the log, is done there once for all calls of the
 * turn. An idle loop ends its turn at once, so a single call does not wait.
 */
@FunctionalInterface
public interface EndOfTurn {
    /** For work that comes from no event loop: runs it at once. */
    EndOfTurn NOW = Runnable::run;

    /**
     * Runs the work once at the end of this turn, however often it is asked for. The work runs at once if the caller
     * is not on the loop.
     *
     * @param work the same object each time; it must not throw, or wait for another thread
     */
    void defer(Runnable work);

    /**
     * Runs a call's own work at the end of this turn, after all deferred work. Meanwhile other threads do the work that
     * the deferred work gave them. The work runs at once if the caller is not on the loop.
     *
     * @param work it must not block or throw
     */
    default void afterwards(Runnable work) {
        defer(work);
    }

    /**
     * The result of a call's own work, which runs as by {@link #afterwards} when the Mono is subscribed to. The same
     * work of all calls of a turn runs in one go, with its code and tables in the processor's caches. Later work of the
     * call should be scheduled on the loop, so that it runs after this work of the other calls.
     *
     * @param work it must not block; what it throws is the error
     */
    default <T> Mono<T> supply(Supplier<? extends T> work) {
        return Mono.create(sink -> afterwards(() -> {
            T result;
            try {
                result = work.get();
            } catch (Throwable failure) {
                // Also fatal errors, such as a provider's library that does not load: nothing else would end the call.
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

    /** The turn of the subscriber's event loop (see {@link Continuation}), or {@link #NOW}. */
    static EndOfTurn of(ContextView context) {
        return of(Continuation.of(context));
    }

    /** The turn of the scheduler's loop, or {@link #NOW} if the scheduler is no loop's. */
    static EndOfTurn of(Scheduler scheduler) {
        return scheduler instanceof EndOfTurn loop ? loop : NOW;
    }
}
