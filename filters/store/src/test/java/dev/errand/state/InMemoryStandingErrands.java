package dev.errand.state;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The standing errands of one process, with a clock that the test moves. Thread-safe. */
public final class InMemoryStandingErrands implements StandingErrands {
    private final Map<String, byte[]> errands = new ConcurrentHashMap<>();
    private final Map<String, byte[]> requests = new ConcurrentHashMap<>();
    private final LongSupplier clock;

    public InMemoryStandingErrands(LongSupplier clock) {
        this.clock = clock;
    }

    @Override
    public Mono<Boolean> create(StandingErrand errand, byte[] request) {
        return Mono.fromSupplier(() -> {
            requests.putIfAbsent(errand.id(), request);
            errands.putIfAbsent(errand.id(), errand.write());
            return true;
        });
    }

    @Override
    public Mono<Optional<Found>> find(String id) {
        return Mono.fromSupplier(() -> Optional.ofNullable(errands.get(id)).map(this::found));
    }

    private Found found(byte[] stored) {
        return new Found(StandingErrand.read(stored), clock.getAsLong());
    }

    @Override
    public Mono<Optional<byte[]>> request(String id) {
        return Mono.fromSupplier(() -> Optional.ofNullable(requests.get(id)));
    }

    @Override
    public Mono<Optional<StandingErrand>> change(String id, Change change) {
        return Mono.fromSupplier(() -> Optional.ofNullable(errands.computeIfPresent(
                        id,
                        (key, now) -> change.next(StandingErrand.read(now), clock.getAsLong())
                                .write()))
                .map(StandingErrand::read));
    }

    @Override
    public Mono<Boolean> survives(String id) {
        return Mono.just(true);
    }

    @Override
    public Mono<List<String>> members(@Nullable String below) {
        return Mono.fromSupplier(() -> errands.values().stream()
                .map(stored -> StandingErrand.read(stored).member())
                .filter(member -> below == null || member.compareTo(below) < 0)
                .sorted(Comparator.reverseOrder())
                .limit(PAGE)
                .toList());
    }

    @Override
    public Mono<List<Found>> read(List<String> members) {
        return Mono.fromSupplier(() -> members.stream()
                .map(member -> found(errands.get(member.substring(member.lastIndexOf('.') + 1))))
                .toList());
    }
}
