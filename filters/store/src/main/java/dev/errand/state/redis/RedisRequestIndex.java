package dev.errand.state.redis;

import dev.errand.state.RequestIndex;
import dev.errand.state.redis.link.RedisLink;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * The index of waiting requests in Redis: the sorted set {@code errand:q}, by the time when each ends. An id that
 * somebody else writes there has no effect, since each request is looked up in the record of its task. Thread-safe,
 * never blocking.
 */
public final class RedisRequestIndex implements RequestIndex {
    private static final byte[] KEY = "errand:q".getBytes(StandardCharsets.US_ASCII);

    private final StoreQuestions store;

    /** @param link the connection; the caller must close it */
    public RedisRequestIndex(RedisLink link, Duration timeout) {
        this.store = new StoreQuestions(link, timeout);
    }

    @Override
    public Mono<Void> add(String id, long untilMillis) {
        return store.<Long>ask(
                        commands -> commands.zadd(KEY, untilMillis, bytes(id)).toCompletableFuture())
                .then();
    }

    @Override
    public Mono<Boolean> remove(String id) {
        return store.<Long>ask(commands -> commands.zrem(KEY, bytes(id)).toCompletableFuture())
                .map(removed -> removed > 0);
    }

    @Override
    public Mono<List<String>> standing() {
        return store.<List<byte[]>>ask(
                        commands -> commands.zrange(KEY, 0, MOST - 1L).toCompletableFuture())
                .map(ids -> ids.stream()
                        .map(id -> new String(id, StandardCharsets.UTF_8))
                        .toList());
    }

    private static byte[] bytes(String id) {
        return id.getBytes(StandardCharsets.UTF_8);
    }
}
