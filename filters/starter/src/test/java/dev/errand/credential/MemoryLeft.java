package dev.errand.credential;

import dev.errand.state.LeftCredential;
import dev.errand.state.LeftCredentials;
import dev.errand.state.StoreUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What replicas left, in memory. Signs of life end only where a test says so. */
final class MemoryLeft implements LeftCredentials {
    final Map<String, Map<String, LeftCredential>> left = new ConcurrentHashMap<>();
    final Set<String> alive = ConcurrentHashMap.newKeySet();
    private final Set<String> taken = ConcurrentHashMap.newKeySet();
    volatile boolean away;

    @Override
    public boolean isSealed() {
        return true;
    }

    @Override
    public Mono<Boolean> alive(String instance, Duration keep) {
        return Mono.fromSupplier(() -> !alive.add(instance));
    }

    @Override
    public Mono<Void> gone(String instance) {
        return Mono.fromRunnable(() -> alive.remove(instance));
    }

    @Override
    public Mono<Void> leave(String instance, LeftCredential credential) {
        return Mono.fromRunnable(() -> {
            if (away) {
                throw new StoreUnavailableException("away");
            }
            left.computeIfAbsent(instance, key -> new ConcurrentHashMap<>()).put(credential.id(), credential);
        });
    }

    @Override
    public Mono<Void> remove(String instance, String id) {
        return Mono.fromRunnable(() -> left.getOrDefault(instance, Map.of()).remove(id));
    }

    @Override
    public Mono<List<String>> lost() {
        return Mono.fromSupplier(() ->
                left.keySet().stream().filter(name -> !alive.contains(name)).toList());
    }

    @Override
    public Mono<Boolean> takeOn(String lost, String by, Duration keep) {
        return Mono.fromSupplier(() -> taken.add(lost));
    }

    @Override
    public Flux<LeftCredential> of(String instance) {
        return Flux.defer(() -> Flux.fromIterable(
                List.copyOf(left.getOrDefault(instance, Map.of()).values())));
    }

    @Override
    public Mono<Void> forget(String instance) {
        return Mono.fromRunnable(() -> left.computeIfPresent(instance, (key, all) -> all.isEmpty() ? null : all));
    }

    int size() {
        return left.values().stream().mapToInt(Map::size).sum();
    }
}
