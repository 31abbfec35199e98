package dev.errand.loop;

import reactor.core.publisher.Mono;

/**
 * Steps that run to their end even if nobody waits for them any more. A change and its record are one such step, so
 * that nobody can avoid the record by closing the connection in between. Thread-safe.
 */
public final class Uncancelled {
    private Uncancelled() {}

    /**
     * The step, which begins once for each subscription, in the subscriber's context. If the subscriber cancels, it
     * gets no more signals, and the step continues. Reactor logs an error that has no subscriber any more.
     */
    public static <T> Mono<T> of(Mono<T> step) {
        return Mono.deferContextual(
                context -> Mono.fromFuture(step.contextWrite(context).toFuture(), true));
    }
}
