package dev.errand.issuer;

import dev.errand.log.EndedBy;
import dev.errand.state.RegularWork;
import dev.errand.state.StandingErrand;
import dev.errand.state.StandingErrand.State;
import dev.errand.state.StandingErrands;
import dev.errand.state.StandingErrands.Found;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * Looks regularly at all standing errands: gives back what ended runs did not use, while their tasks are known; interrupts the tasks of ended
 * errands whose gateway died before it did so; records the end of those whose time is over; and counts them.
 */
final class StandingUpkeep implements AutoCloseable {
    private static final Duration EVERY = Duration.ofSeconds(5);
    private static final StandingEnds.Selection ALL = new StandingEnds.Selection(null, null, null);

    private final StandingErrands errands;
    private final StandingSettling settling;
    private final StandingEnds ends;
    private final Disposable looking;
    private volatile Map<State, Long> counts = Map.of();

    StandingUpkeep(StandingErrands errands, StandingSettling settling, StandingEnds ends, MeterRegistry meters) {
        this.errands = errands;
        this.settling = settling;
        this.ends = ends;
        for (State state : State.values()) {
            Gauge.builder("errand.standing", () -> counts.getOrDefault(state, 0L))
                    .description("Standing errands by state")
                    .tag("state", state.wire())
                    .register(meters);
        }
        this.looking = RegularWork.every(EVERY, "the standing errands cannot be looked at", this::look);
    }

    Mono<Void> look() {
        Map<State, Long> seen = new EnumMap<>(State.class);
        return ends.all(ALL)
                .concatMap(found -> {
                    seen.merge(found.errand().state(found.nowMillis()), 1L, Long::sum);
                    return look(found);
                })
                .then(Mono.fromRunnable(() -> counts = Map.copyOf(seen)));
    }

    private Mono<Void> look(Found found) {
        StandingErrand errand = found.errand();
        State state = errand.state(found.nowMillis());
        Mono<Void> stopped = Mono.empty();
        Mono<Void> told = Mono.empty();
        if (state == State.ENDED && !errand.live().isEmpty()) {
            EndedBy by = new EndedBy(String.valueOf(errand.endedBy()), null);
            stopped = ends.stop(errand, by, "The standing errand was ended.");
        }
        if (!errand.told() && StandingErrand.ROLLBACK.equals(errand.endedBy())) {
            told = tell(errand, "ended", EndedBy.ROLLBACK);
        } else if (!errand.told() && state == State.EXPIRED) {
            told = tell(errand, "expired", null);
        }
        Mono<Void> settled =
                errand.live().isEmpty() ? Mono.empty() : settling.settled(found).then();
        return stopped.then(settled).then(told);
    }

    /** Records an end once: only for the replica that took note of it. */
    private Mono<Void> tell(StandingErrand errand, String what, @Nullable EndedBy by) {
        AtomicBoolean mine = new AtomicBoolean();
        return errands.change(errand.id(), (now, millis) -> {
                    mine.set(!now.told());
                    return now.told() ? now : now.asTold();
                })
                .flatMap(changed ->
                        changed.isPresent() && mine.get() ? ends.told(errand, what, by, null) : Mono.empty());
    }

    @Override
    public void close() {
        looking.dispose();
    }
}
