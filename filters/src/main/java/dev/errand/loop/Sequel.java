package dev.errand.loop;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * What follows one step of a call, whichever way the step ends (see {@link MonoSequel}).
 *
 * @param <T> what the step may come to
 */
@FunctionalInterface
public interface Sequel<T> {
    /**
     * The step has ended well. What is thrown here is a failure of the step.
     *
     * @param value what it came to, or null for nothing
     */
    Mono<Void> after(@Nullable T value);

    /** The step has failed. */
    default Mono<Void> failed(Throwable error) {
        return Mono.error(error);
    }

    /** All is over and went well; the one who waits is told after this. */
    default void completed() {}

    /** The one who waited has left, and what was under way was cancelled. */
    default void cancelled() {}

    /**
     * A step that is kept has ended after the one who waited had left: nothing follows it.
     *
     * @param value what it came to, or null
     * @param error what it failed with, or null
     */
    default void abandoned(@Nullable T value, @Nullable Throwable error) {}
}
