package dev.errand.state.redis.link;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the store that decide whether it keeps what is written. For a cluster, those of one server.
 *
 * @param evictionPolicy its {@code maxmemory-policy}; null if it does not tell it
 * @param skipsTransactions whether its default user may not write, and it writes an append-only file: then some
 *     versions skip the transactions of that file when they start. False if the gateway's user may not ask
 *     ({@code ACL DRYRUN})
 */
public record StoreSettings(@Nullable String evictionPolicy, boolean skipsTransactions) {
    private static final String EVICTION = "maxmemory_policy:";
    private static final String APPEND_ONLY = "aof_enabled:1";
    private static final String PERMITTED = "OK";

    static CompletableFuture<StoreSettings> ask(RedisClusterAsyncCommands<byte[], byte[]> commands) {
        CompletableFuture<String> mayWrite = commands.aclDryRun("default", "hset", "key", "field", "value")
                .toCompletableFuture()
                .exceptionally(notToldOrOlder -> PERMITTED);
        return commands.info().toCompletableFuture().thenCombine(mayWrite, StoreSettings::of);
    }

    private static StoreSettings of(String info, String mayWrite) {
        String eviction = info.lines()
                .filter(line -> line.startsWith(EVICTION))
                .map(line -> line.substring(EVICTION.length()).strip())
                .findFirst()
                .orElse(null);
        boolean appends = info.lines().anyMatch(line -> line.strip().equals(APPEND_ONLY));
        return new StoreSettings(eviction, appends && !mayWrite.equals(PERMITTED));
    }
}
