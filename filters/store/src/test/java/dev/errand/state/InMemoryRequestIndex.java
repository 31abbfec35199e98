package dev.errand.state;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.publisher.Mono;

/** The index of waiting requests, in the memory of one process. Thread-safe. */
public final class InMemoryRequestIndex implements RequestIndex {
    private final Map<String, Long> until = new ConcurrentHashMap<>();

    @Override
    public Mono<Void> add(String id, long untilMillis) {
        return Mono.fromRunnable(() -> until.put(id, untilMillis));
    }

    @Override
    public Mono<Boolean> remove(String id) {
        return Mono.fromCallable(() -> until.remove(id) != null);
    }

    @Override
    public Mono<List<String>> standing() {
        return Mono.fromCallable(() -> until.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .limit(MOST)
                .map(Map.Entry::getKey)
                .toList());
    }
}
