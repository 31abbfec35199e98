package dev.errand.issuer;

import dev.errand.state.StandingErrand;
import dev.errand.state.StandingErrand.Run;
import dev.errand.state.StandingErrands;
import dev.errand.state.StandingErrands.Found;
import dev.errand.task.TaskState;
import dev.errand.task.record.TaskGlance;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Gives back to a standing errand the calls that its ended runs did not use. Thread-safe, never blocking.
 *
 * @param glances the head of a task's record
 */
record StandingSettling(StandingErrands errands, Function<String, Mono<Optional<TaskGlance>>> glances) {
    /** The errand, after the runs that are over gave back what they did not use; empty if there is none. */
    Mono<Optional<Found>> settled(String id) {
        return errands.find(id).flatMap(found -> found.isEmpty() ? Mono.just(found) : settled(found.get()));
    }

    Mono<Optional<Found>> settled(Found found) {
        return Flux.fromIterable(found.errand().live())
                .flatMap(run -> glances.apply(run.task())
                        .flatMap(glance -> Mono.justOrEmpty(used(run, glance.orElse(null), found.nowMillis()))))
                .collectMap(Over::task, Over::calls)
                .flatMap(over -> over.isEmpty()
                        ? Mono.just(Optional.of(found))
                        : errands.change(found.errand().id(), (now, millis) -> {
                                    StandingErrand next = now;
                                    // The number of a run that was taken back is another run's by now.
                                    for (Run run : now.live()) {
                                        Long calls = over.get(run.task());
                                        next = calls == null ? next : next.settled(run.number(), calls);
                                    }
                                    return next;
                                })
                                .map(changed -> changed.map(errand -> new Found(errand, found.nowMillis()))));
    }

    /** A run that is over, and how many calls it made. */
    private record Over(String task, long calls) {}

    /** A run of which nothing is known any more counts as one that made all its calls. */
    private static Optional<Over> used(Run run, @Nullable TaskGlance glance, long nowMillis) {
        if (glance == null) {
            return Optional.of(new Over(run.task(), run.calls()));
        }
        return glance.state(nowMillis) == TaskState.ACTIVE
                ? Optional.empty()
                : Optional.of(new Over(run.task(), glance.calls()));
    }
}
