package dev.errand.state.redis.link;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The user and password that sentinels are shown: the store's own, from the time when one asked for a password. A sentinel without
 * a password refuses whoever shows one. Thread-safe.
 */
final class SentinelCredentials implements RedisCredentialsProvider {
    private static final RedisCredentials NONE = RedisCredentials.just(null, (CharSequence) null);

    private final @Nullable RedisCredentialsProvider store;
    private final AtomicBoolean wanted = new AtomicBoolean();

    SentinelCredentials(@Nullable RedisCredentialsProvider store) {
        this.store = store;
    }

    /** A server wanted a password and was shown none. Whether it is shown one from now on, and was not before. */
    boolean wanted() {
        return store != null && wanted.compareAndSet(false, true);
    }

    @Override
    public Mono<RedisCredentials> resolveCredentials() {
        RedisCredentialsProvider shown = store;
        return wanted.get() && shown != null ? shown.resolveCredentials() : Mono.just(NONE);
    }
}
