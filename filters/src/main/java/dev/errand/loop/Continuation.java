package dev.errand.loop;

import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * Where a call goes on when the store, the log or a credential's source has answered, as its subscriber says in the Reactor
 * context: on the event loop that reads the call's connection, one change of threads leads back to where its answer is
 * written. Else on the parallel scheduler; never on the thread that answered, which every other call waits for.
 */
public final class Continuation {
    private Continuation() {}

    /** The context with that scheduler. */
    public static Context on(Scheduler scheduler, Context context) {
        return context.put(Continuation.class, scheduler);
    }

    /** The subscriber's scheduler. */
    public static Scheduler of(ContextView context) {
        Scheduler scheduler = context.getOrDefault(Continuation.class, null);
        return scheduler == null ? Schedulers.parallel() : scheduler;
    }

    /** That step, whose end comes on the subscriber's scheduler. */
    public static <T> Mono<T> behind(Mono<T> step) {
        return Mono.deferContextual(context -> step.publishOn(of(context)));
    }
}
