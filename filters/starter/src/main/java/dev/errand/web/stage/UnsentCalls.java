package dev.errand.web.stage;

import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.web.LineMarkers;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Gives calls that were certainly not sent back to the state of their tasks, after the store did not answer. Without this, nobody
 * would know the outcome of such a call after the response timeout. Nobody waits for it: it is repeated with growing
 * pauses for at most half a minute, and for at most {@value #MOST} calls at a time. Thread-safe, never blocking.
 */
final class UnsentCalls {
    static final int MOST = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(UnsentCalls.class);
    private static final Duration SOON = Duration.ofMillis(100);
    /** The store may run a script that it has received long after its caller gave up. */
    private static final Duration LATER = Duration.ofSeconds(5);

    private static final Retry AGAIN = Retry.backoff(7, Duration.ofMillis(200))
            .maxBackoff(Duration.ofSeconds(5))
            .filter(StoreUnavailableException.class::isInstance)
            .onRetryExhaustedThrow((spec, last) -> last.failure());

    private final TaskStore store;
    private final AtomicInteger waiting = new AtomicInteger();

    UnsentCalls(TaskStore store) {
        this.store = store;
    }

    /** The answer to the call's step was lost, and the call is refused: gives back the permit that the store may have made. */
    void lost(TaskKey key, TaskPolicy policy, String decision) {
        TaskStep back = TaskStep.GiveBack.lost(decision);
        run(decision, Flux.just(SOON, LATER).concatMap(pause -> after(pause, key, policy, back)), () -> {});
    }

    /**
     * Gives back a call. Waits for the store's first answer only: if there is none, the step is repeated later.
     *
     * @param told what follows once the store has made the step, also if that is later
     */
    Mono<Void> now(TaskKey key, TaskPolicy policy, TaskStep.GiveBack back, Mono<Void> told) {
        return store.apply(key, policy, back)
                .thenReturn(true)
                .onErrorResume(StoreUnavailableException.class, away -> {
                    run(back.decision(), after(SOON, key, policy, back).flux(), told::subscribe);
                    return Mono.just(false);
                })
                .flatMap(done -> done ? told : Mono.empty());
    }

    private Mono<TaskOutcome> after(Duration pause, TaskKey key, TaskPolicy policy, TaskStep back) {
        return Mono.delay(pause)
                .then(Mono.defer(() -> store.apply(key, policy, back)))
                .retryWhen(AGAIN);
    }

    private void run(String decision, Flux<TaskOutcome> steps, Runnable done) {
        if (waiting.incrementAndGet() > MOST) {
            waiting.decrementAndGet();
            LOG.warn(
                    LineMarkers.VERIFIED,
                    "not given back decision={}: too many calls wait for the state store",
                    decision);
            return;
        }
        steps.doFinally(end -> waiting.decrementAndGet())
                .subscribe(
                        given -> {},
                        away -> LOG.warn(
                                LineMarkers.VERIFIED, "not given back decision={}: {}", decision, away.getMessage()),
                        done);
    }
}
