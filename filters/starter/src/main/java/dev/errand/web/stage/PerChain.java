package dev.errand.web.stage;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import com.github.benmanes.caffeine.cache.Weigher;
import java.time.Duration;

/** Makes the caches for chains whose agents call: all are bounded, and forget entries in the same way. */
final class PerChain {
    /**
     * How long an entry is kept that no call uses. A full cache keeps what was used often. Without this bound the
     * chains of tasks that are over would stay, and new ones would be forgotten between two calls.
     */
    private static final Duration UNUSED = Duration.ofMinutes(5);

    private PerChain() {}

    /** A cache of at most this weight. */
    static <K, V> Cache<K, V> cache(Ticker ticker, long maxWeight, Weigher<K, V> weigher) {
        return Caffeine.newBuilder()
                .ticker(ticker)
                .executor(Runnable::run) // evicts a few entries at a time: waking another thread would cost more
                .expireAfterAccess(UNUSED)
                .maximumWeight(maxWeight)
                .weigher(weigher)
                .build();
    }
}
