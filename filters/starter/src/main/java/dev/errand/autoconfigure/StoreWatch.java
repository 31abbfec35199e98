package dev.errand.autoconfigure;

import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.StoreSettings;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Asks the store, at start and every minute, whether it keeps what is written. A store that evicts keys forgets tasks
 * and used proofs, and one that skips transactions of its file may lose writes of others: both are warnings. A store
 * that does not answer causes no warning. Thread-safe.
 */
final class StoreWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreWatch.class);
    private static final Duration EVERY = Duration.ofMinutes(1);
    private static final String GOOD = "noeviction";

    private final Disposable watching;
    private volatile @Nullable String eviction;
    private volatile @Nullable String skipping;

    StoreWatch(RedisLink link) {
        watching = Flux.interval(Duration.ZERO, EVERY)
                .onBackpressureDrop()
                .concatMap(tick -> Mono.fromFuture(link::settings).onErrorResume(away -> Mono.empty()))
                .subscribe(this::heard);
    }

    private void heard(StoreSettings now) {
        String policy = now.evictionPolicy();
        eviction = told(
                eviction,
                policy == null || policy.equals(GOOD)
                        ? null
                        : "the state store's maxmemory-policy is " + policy
                                + ": with its memory full it forgets tasks and used proofs; set it to " + GOOD);
        skipping = told(
                skipping,
                now.skipsTransactions()
                        ? "the state store's user 'default' may not write, and the store has an append-only file: Redis 7.0"
                                + " to 8.2 and Valkey to 9.0 then skip each transaction in that file when they start. Errand"
                                + " writes none, but a key that expires while it is written again is lost. Let the user stay"
                                + " off and give it the rights: ACL SETUSER default off ~* &* +@all (docs/store.md)"
                        : null);
    }

    private static @Nullable String told(@Nullable String before, @Nullable String now) {
        if (now != null && !Objects.equals(before, now)) {
            LOG.warn("{}", now);
        }
        return now;
    }

    /** The warning about a store that evicts, or null. */
    public @Nullable String eviction() {
        return eviction;
    }

    /** The warning about a store that skips transactions when it starts, or null. */
    public @Nullable String skipping() {
        return skipping;
    }

    @Override
    public void close() {
        watching.dispose();
    }
}
