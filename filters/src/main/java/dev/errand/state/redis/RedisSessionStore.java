package dev.errand.state.redis;

import dev.errand.state.SessionStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.seal.Seal;
import io.lettuce.core.SetArgs;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The sessions of people in Redis: under {@code errand:w:} who is signed in, sealed, and under {@code errand:w:u:} the
 * sign-ins that are over. A value that somebody else wrote is no session. Thread-safe, never blocking.
 */
public final class RedisSessionStore implements SessionStore {
    private static final byte[] USED = {1};

    private final StoreQuestions store;
    private final Seal seal;

    /**
     * @param link the connection; the caller must close it
     * @param seal seals the sessions; it must accept no value without a code, so that nobody who can write to the store
     *     becomes an operator
     */
    public RedisSessionStore(RedisLink link, Duration timeout, Seal seal) {
        this.store = new StoreQuestions(link, timeout);
        this.seal = seal;
    }

    @Override
    public Mono<Void> keep(String key, byte[] value, Duration life) {
        if (value.length > MAX_BYTES) {
            return Mono.error(() -> new IllegalArgumentException("a session has at most " + MAX_BYTES + " bytes"));
        }
        byte[] name = bytes("errand:w:" + key);
        return store.<@Nullable String>ask(
                        commands -> commands.set(name, seal.seal(name, value), SetArgs.Builder.px(life.toMillis()))
                                .toCompletableFuture())
                .then();
    }

    @Override
    public Mono<Optional<byte[]>> find(String key) {
        byte[] name = bytes("errand:w:" + key);
        return store.<Optional<byte[]>>ask(commands -> commands.get(name)
                        .toCompletableFuture()
                        .thenApply(stored -> Optional.ofNullable(stored).map(value -> seal.open(name, value, 0))))
                .onErrorResume(StoreUnavailableException.class, failed -> forgedOrAway(name, failed));
    }

    /** Treats a value that cannot be opened as absent; an unavailable store stays a failure. */
    private Mono<Optional<byte[]>> forgedOrAway(byte[] name, StoreUnavailableException failed) {
        return store.<Long>ask(commands -> commands.exists(name).toCompletableFuture())
                .flatMap(there -> there > 0 ? Mono.just(Optional.empty()) : Mono.error(failed));
    }

    @Override
    public Mono<Void> remove(String key) {
        return store.<Long>ask(
                        commands -> commands.del(bytes("errand:w:" + key)).toCompletableFuture())
                .then();
    }

    @Override
    public Mono<Boolean> isUsed(String key) {
        return store.<Long>ask(
                        commands -> commands.exists(bytes("errand:w:u:" + key)).toCompletableFuture())
                .map(there -> there > 0);
    }

    @Override
    public Mono<Boolean> use(String key, Duration life) {
        return store.<Boolean>ask(commands -> commands.set(
                        bytes("errand:w:u:" + key), USED, SetArgs.Builder.nx().px(life.toMillis()))
                .toCompletableFuture()
                .thenApply("OK"::equals));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
