package dev.errand.state.redis.link;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The user and password for sentinels: those of the store, but only after a sentinel asked for a password, since a
 * sentinel without a password refuses whoever sends one. Thread-safe.
 */
final class SentinelCredentials implements RedisCredentialsProvider {
    private static final RedisCredentials NONE = RedisCredentials.just(null, (CharSequence) null);

    private final @Nullable RedisCredentialsProvider store;
    private final AtomicBoolean wanted = new AtomicBoolean();

    SentinelCredentials(@Nullable RedisCredentialsProvider store) {
        this.store = store;
    }

    /** Takes note that a sentinel wanted a password; true if it gets one from now on and got none before. */
    boolean wanted() {
        return store != null && wanted.compareAndSet(false, true);
    }

    @Override
    public Mono<RedisCredentials> resolveCredentials() {
        RedisCredentialsProvider shown = store;
        return wanted.get() && shown != null ? shown.resolveCredentials() : Mono.just(NONE);
    }
}
