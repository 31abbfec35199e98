package dev.errand.loop;

import reactor.core.publisher.Mono;

/**
 * Steps that go on to their end although nobody waits for them any more. A change and the record of the change are one such step, so that
 * nobody acts without a record by closing the connection in between. Thread-safe.
 */
public final class Uncancelled {
    private Uncancelled() {}

    /**
     * The step, which each subscription begins anew, in the subscriber's context. A subscriber that cancels hears nothing more; the step
     * goes on. An error that nobody hears any more is logged by Reactor.
     */
    public static <T> Mono<T> of(Mono<T> step) {
        return Mono.deferContextual(
                context -> Mono.fromFuture(step.contextWrite(context).toFuture(), true));
    }
}
