package dev.errand.loop;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * What follows a step that is not cancelled, whichever way the step ends (see {@link MonoKept}).
 *
 * @param <T> what the step may come to
 */
@FunctionalInterface
public interface Sequel<T> {
    /**
     * The step has ended well. What is thrown here is a failure of the step.
     *
     * @param value what the step came to, or null for nothing
     */
    Mono<Void> after(@Nullable T value);

    /** The step has failed. */
    default Mono<Void> failed(Throwable error) {
        return Mono.error(error);
    }

    /**
     * The step has ended, and its subscriber had left before: nothing follows it.
     *
     * @param value what the step came to, or null
     * @param error what the step failed with, or null
     */
    default void abandoned(@Nullable T value, @Nullable Throwable error) {}
}
