package dev.errand.loop;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The work after a step that is not cancelled, however the step ends (see {@link MonoKept}).
 *
 * @param <T> the result of the step
 */
@FunctionalInterface
public interface Sequel<T> {
    /**
     * The step has succeeded. An exception from here is a failure of the step.
     *
     * @param value the result of the step, or null for none
     */
    Mono<Void> after(@Nullable T value);

    /** The step has failed. */
    default Mono<Void> failed(Throwable error) {
        return Mono.error(error);
    }

    /**
     * The step has ended after its subscriber left, so no Mono follows.
     *
     * @param value the result of the step, or null
     * @param error the failure of the step, or null
     */
    default void abandoned(@Nullable T value, @Nullable Throwable error) {}
}
