package dev.errand.state.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.errand.state.StoreUnavailableException;
import dev.errand.state.redis.link.RedisLink;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A small table that all replicas share: texts by name, each sealed, under one key of the store. A text that was not
 * written by a replica with our key counts as absent. Thread-safe, never blocking; fails with
 * {@link StoreUnavailableException}.
 */
public final class SealedTable {
    /** The most rows that are read. Replicas never write so many. */
    public static final int MOST = 2_048;

    private static final int MOST_BYTES = 8_192;

    private final RedisLink link;
    private final Seal seal;
    private final byte[] key;
    /** The rows as last opened, so that an unchanged row is not opened again. */
    private final Map<String, Opened> opened = new ConcurrentHashMap<>();

    private record Opened(byte[] stored, String text) {}

    /** @param name the name of the table */
    public SealedTable(RedisLink link, Seal seal, String name) {
        this.link = link;
        this.seal = seal;
        this.key = FleetKeys.ascii("{errand:" + name + "}");
    }

    /**
     * The rows of a table.
     *
     * @param nowMillis the store's time when they were read, epoch milliseconds
     */
    public record Rows(Map<String, String> texts, long nowMillis) {}

    public Mono<Rows> read() {
        return RedisTaskIndex.within(() -> link.ask(commands -> commands.hgetall(key)
                .toCompletableFuture()
                .thenCombine(
                        commands.time().toCompletableFuture(), (rows, time) -> new Rows(open(rows), millis(time)))));
    }

    /** The store's time, epoch milliseconds. */
    public Mono<Long> time() {
        return RedisTaskIndex.within(
                () -> link.ask(commands -> commands.time().toCompletableFuture().thenApply(SealedTable::millis)));
    }

    static long millis(List<byte[]> time) {
        return Long.parseLong(RedisTaskIndex.text(time.get(0))) * 1000
                + Long.parseLong(RedisTaskIndex.text(time.get(1))) / 1000;
    }

    private Map<String, String> open(Map<byte[], byte[]> rows) {
        Map<String, String> texts = new HashMap<>();
        rows.forEach((field, stored) -> {
            if (texts.size() < MOST && stored.length <= MOST_BYTES) {
                String name = new String(field, UTF_8);
                String text = open(name, field, stored);
                if (text != null) {
                    texts.put(name, text);
                }
            }
        });
        opened.keySet().retainAll(texts.keySet());
        return texts;
    }

    private @Nullable String open(String name, byte[] field, byte[] stored) {
        Opened known = opened.get(name);
        if (known != null && Arrays.equals(known.stored(), stored)) {
            return known.text();
        }
        try {
            String text = new String(seal.open(FleetKeys.sealed(key, field), stored, 0), UTF_8);
            opened.put(name, new Opened(stored, text));
            return text;
        } catch (StoreUnavailableException notOurs) {
            return null;
        }
    }

    /** Writes one row. */
    public Mono<Void> put(String name, String text) {
        byte[] field = name.getBytes(UTF_8);
        byte[] stored = seal.seal(FleetKeys.sealed(key, field), text.getBytes(UTF_8));
        if (stored.length > MOST_BYTES) {
            throw new IllegalArgumentException("a row has at most " + MOST_BYTES + " bytes");
        }
        return RedisTaskIndex.within(() ->
                        link.ask(commands -> commands.hset(key, field, stored).toCompletableFuture()))
                .then();
    }

    /** Removes rows; true if at least one existed. */
    public Mono<Boolean> remove(Collection<String> names) {
        if (names.isEmpty()) {
            return Mono.just(false);
        }
        byte[][] fields = names.stream().map(name -> name.getBytes(UTF_8)).toArray(byte[][]::new);
        return RedisTaskIndex.within(
                        () -> link.ask(commands -> commands.hdel(key, fields).toCompletableFuture()))
                .map(removed -> removed > 0);
    }
}
