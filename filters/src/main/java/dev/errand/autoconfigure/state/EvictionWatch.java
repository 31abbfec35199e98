package dev.errand.autoconfigure.state;

import dev.errand.state.redis.link.RedisLink;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Asks the store, at start and every minute, what it does when its memory is full. A store that evicts keys forgets
 * tasks and used proofs, which is a warning. A store that does not answer causes no warning. Thread-safe.
 */
public final class EvictionWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EvictionWatch.class);
    private static final Duration EVERY = Duration.ofMinutes(1);
    private static final String GOOD = "noeviction";

    private final Disposable watching;
    private volatile @Nullable String policy;

    EvictionWatch(RedisLink link) {
        watching = Flux.interval(Duration.ZERO, EVERY)
                .onBackpressureDrop()
                .concatMap(tick -> Mono.fromFuture(link::evictionPolicy).onErrorResume(away -> Mono.empty()))
                .subscribe(told -> heard(told.orElse(null)));
    }

    private void heard(@Nullable String now) {
        if (now != null && !now.equals(GOOD) && !now.equals(policy)) {
            LOG.warn("{}", warning(now));
        }
        policy = now;
    }

    /** The warning about the store, or null. */
    public @Nullable String warning() {
        String now = policy;
        return now == null || now.equals(GOOD) ? null : warning(now);
    }

    private static String warning(String policy) {
        return "the state store's maxmemory-policy is " + policy
                + ": with its memory full it forgets tasks and used proofs; set it to " + GOOD;
    }

    @Override
    public void close() {
        watching.dispose();
    }
}
