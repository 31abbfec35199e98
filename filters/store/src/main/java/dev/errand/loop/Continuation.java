package dev.errand.loop;

import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * The scheduler on which a call goes on when the store, the log or a credential's source has answered. The subscriber
 * names it in the Reactor context: the event loop of the call's connection, where the answer will be written. Without
 * a name it is the parallel scheduler. It is never the thread that answered, since every other call waits for that
 * thread.
 */
public final class Continuation {
    private Continuation() {}

    /** A context in which calls continue on that scheduler. */
    public static Context on(Scheduler scheduler, Context context) {
        return context.put(Continuation.class, scheduler);
    }

    /** The subscriber's scheduler, or the parallel scheduler if the context names none. */
    public static Scheduler of(ContextView context) {
        Scheduler scheduler = context.getOrDefault(Continuation.class, null);
        return scheduler == null ? Schedulers.parallel() : scheduler;
    }

    /** The step, which now ends on the subscriber's scheduler. */
    public static <T> Mono<T> behind(Mono<T> step) {
        return Mono.deferContextual(context -> step.publishOn(of(context)));
    }
}
