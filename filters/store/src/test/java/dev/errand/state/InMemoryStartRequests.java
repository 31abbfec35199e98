package dev.errand.state;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The requests for tasks of one process. Thread-safe. */
public final class InMemoryStartRequests implements StartRequestStore {
    private final Map<String, Long> open = new TreeMap<>();
    private final Map<String, byte[]> values = new ConcurrentHashMap<>();

    @Override
    public Mono<Optional<Duration>> open(
            String id, String group, int ofGroup, int all, long untilMillis, long nowMillis) {
        return Mono.fromCallable(() -> {
            synchronized (open) {
                List<Map.Entry<String, Long>> living = open.entrySet().stream()
                        .filter(entry -> entry.getValue() > nowMillis)
                        .toList();
                List<Map.Entry<String, Long>> own = living.stream()
                        .filter(entry -> entry.getKey().startsWith(group))
                        .toList();
                if (own.size() < ofGroup && living.size() < all) {
                    open.put(id, untilMillis);
                    return Optional.empty();
                }
                long first = (own.size() < ofGroup ? living : own)
                        .stream().mapToLong(Map.Entry::getValue).min().orElse(nowMillis);
                return Optional.of(Duration.ofMillis(first - nowMillis));
            }
        });
    }

    @Override
    public Mono<Boolean> close(String id) {
        return Mono.fromCallable(() -> {
            synchronized (open) {
                return open.remove(id) != null;
            }
        });
    }

    @Override
    public Mono<List<String>> over(long nowMillis) {
        return Mono.fromCallable(() -> {
            synchronized (open) {
                return open.entrySet().stream()
                        .filter(entry -> entry.getValue() <= nowMillis)
                        .map(Map.Entry::getKey)
                        .limit(MOST)
                        .toList();
            }
        });
    }

    /** How many values are kept. */
    public int kept() {
        return values.size();
    }

    @Override
    public Mono<Optional<byte[]>> find(String key) {
        return Mono.fromCallable(() -> Optional.ofNullable(values.get(key)));
    }

    @Override
    public Mono<Boolean> swap(String key, byte @Nullable [] was, byte[] value, Duration life) {
        return Mono.fromCallable(() ->
                values.compute(key, (name, now) -> Arrays.equals(now, was) ? value : now) == value);
    }
}
