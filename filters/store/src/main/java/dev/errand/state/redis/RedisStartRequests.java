package dev.errand.state.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.errand.state.StartRequestStore;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.Script;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The requests for tasks in Redis: the sorted set {@code errand:o} has the open ones by the time when each ends, and under
 * {@code errand:o:} is what is known of each, sealed by a secret of use {@code state} if there is one. A value that none of our replicas
 * sealed counts as none. Thread-safe, never blocking.
 */
public final class RedisStartRequests implements StartRequestStore {
    private static final byte[] OPEN = "errand:o".getBytes(US_ASCII);

    /** Adds a member if few others stand there; else answers when the first of those in the way ends. */
    private static final Script ADD_IF_FEW = Script.of("""
            local all = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[1], '+inf', 'WITHSCORES')
            local group, own, first = ARGV[4], 0, nil
            for i = 1, #all, 2 do
              if string.sub(all[i], 1, #group) == group then
                own = own + 1
                first = first or all[i + 1]
              end
            end
            if own >= tonumber(ARGV[5]) then return first end
            if #all / 2 >= tonumber(ARGV[6]) then return all[2] end
            redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3])
            return ''
            """);

    /** Writes a value and its expiry if the stored one is still the one that was read, or still absent. */
    private static final Script WRITE_IF_SAME = Script.of("""
            if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return '' end
            redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
            return '1'
            """);

    private final StoreQuestions store;
    private final SecretSeal seal;

    /**
     * @param link the connection; the caller must close it
     * @param seal hides what agents and humans wrote, and shows who stored it
     */
    public RedisStartRequests(RedisLink link, Duration timeout, SecretSeal seal) {
        this.store = new StoreQuestions(link, timeout);
        this.seal = seal;
    }

    @Override
    public Mono<Optional<Duration>> open(
            String id, String group, int ofGroup, int all, long untilMillis, long nowMillis) {
        byte[][] arguments = {
            number(nowMillis), number(untilMillis), bytes(id), bytes(group), number(ofGroup), number(all)
        };
        return store.run(ADD_IF_FEW, OPEN, arguments)
                .map(first -> first.length == 0
                        ? Optional.empty()
                        : Optional.of(Duration.ofMillis(
                                Math.max(0, (long) Double.parseDouble(new String(first, US_ASCII)) - nowMillis))));
    }

    @Override
    public Mono<Boolean> close(String id) {
        return store.<Long>ask(commands -> commands.zrem(OPEN, bytes(id)).toCompletableFuture())
                .map(removed -> removed > 0);
    }

    @Override
    public Mono<List<String>> over(long nowMillis) {
        return store.<List<byte[]>>ask(commands -> commands.zrangebyscore(
                                OPEN, Range.create(Double.NEGATIVE_INFINITY, (double) nowMillis), Limit.from(MOST))
                        .toCompletableFuture())
                .map(ids -> ids.stream().map(id -> new String(id, UTF_8)).toList());
    }

    @Override
    public Mono<Optional<byte[]>> find(String key) {
        byte[] name = name(key);
        return stored(name).map(stored -> Optional.ofNullable(open(name, stored)));
    }

    @Override
    public Mono<Boolean> swap(String key, byte @Nullable [] was, byte[] value, Duration life) {
        if (value.length > MAX_BYTES) {
            return Mono.error(() -> new IllegalArgumentException("a request has at most " + MAX_BYTES + " bytes"));
        }
        byte[] name = name(key);
        return stored(name)
                .flatMap(stored -> Arrays.equals(open(name, stored), was)
                        ? store.run(WRITE_IF_SAME, name, new byte[][] {
                                    stored, sealed(name, value), number(life.toMillis())
                                })
                                .map(written -> written.length > 0)
                        : Mono.just(false));
    }

    /** The value as it stands there; empty if there is none. */
    private Mono<byte[]> stored(byte[] name) {
        return store.ask(commands ->
                commands.get(name).toCompletableFuture().thenApply(stored -> stored == null ? new byte[0] : stored));
    }

    private byte[] sealed(byte[] name, byte[] value) {
        return seal.isPossible() ? seal.seal(name, value) : value;
    }

    private byte @Nullable [] open(byte[] name, byte[] stored) {
        return stored.length == 0 ? null : seal.isPossible() ? seal.open(name, stored) : stored;
    }

    private static byte[] name(String key) {
        return bytes("errand:o:" + key);
    }

    private static byte[] number(long value) {
        return Long.toString(value).getBytes(US_ASCII);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
