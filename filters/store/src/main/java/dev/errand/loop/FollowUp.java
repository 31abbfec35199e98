package dev.errand.loop;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The work that follows a step that is not cancelled, whether the step succeeds or fails (see {@link MonoKept}).
 *
 * @param <T> the result of the step
 */
@FunctionalInterface
public interface FollowUp<T> {
    /**
     * Called when the step has succeeded. An exception from this method counts as a failure of the step.
     *
     * @param value the result of the step, or null for none
     */
    Mono<Void> after(@Nullable T value);

    /** Called when the step has failed. */
    default Mono<Void> failed(Throwable error) {
        return Mono.error(error);
    }

    /**
     * Called when the step has ended after its subscriber left; so it returns no Mono.
     *
     * @param value the result of the step, or null
     * @param error the failure of the step, or null
     */
    default void abandoned(@Nullable T value, @Nullable Throwable error) {}
}
