package dev.errand.state.redis;

import dev.errand.state.SessionStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.redis.link.RedisLink;
import io.lettuce.core.SetArgs;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The sessions of people in Redis: under {@code errand:w:} who is signed in, sealed, under {@code errand:w:u:} the
 * sign-ins that are over, and under {@code errand:w:key} the key of the pages if there is no state key. A value that somebody else wrote is no session. Thread-safe, never blocking.
 */
public final class RedisSessionStore implements SessionStore {
    private static final byte[] USED = {1};
    private static final byte[] KEY = bytes("errand:w:key");
    private static final int KEY_BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** For how long the key of the store is used without another look: a store that lost it gets another one. */
    private static final long KEPT_NANOS = Duration.ofMinutes(1).toNanos();

    private final StoreQuestions store;
    private final Supplier<List<SecretKey>> stateKeys;
    private final Seal seal;
    private volatile @Nullable Kept kept;

    private record Kept(SecretKey key, long atNanos) {}

    /**
     * @param link the connection; the caller must close it
     * @param stateKeys the secrets of use {@code state}. With one, no session without a code is accepted, so that nobody
     *     who can write to the store becomes an operator
     */
    public RedisSessionStore(RedisLink link, Duration timeout, Supplier<List<SecretKey>> stateKeys) {
        this.store = new StoreQuestions(link, timeout);
        this.stateKeys = stateKeys;
        this.seal = new MacSeal(stateKeys);
    }

    @Override
    public Mono<List<SecretKey>> keys() {
        List<SecretKey> secrets = stateKeys.get();
        return secrets.isEmpty()
                ? keptKey().map(List::of)
                : Mono.just(secrets.stream().map(Hkdf::pageKey).toList());
    }

    /** The key in the store, as it was read in the last minute. */
    private Mono<SecretKey> keptKey() {
        Kept read = kept;
        return read != null && System.nanoTime() - read.atNanos() < KEPT_NANOS
                ? Mono.just(read.key())
                : storedKey().doOnNext(key -> kept = new Kept(key, System.nanoTime()));
    }

    /** The key in the store, which the first replica that asks writes. */
    private Mono<SecretKey> storedKey() {
        return readKey().switchIfEmpty(Mono.defer(() -> {
            byte[] fresh = new byte[KEY_BYTES];
            RANDOM.nextBytes(fresh);
            return store.<@Nullable String>ask(commands ->
                            commands.set(KEY, fresh, SetArgs.Builder.nx()).toCompletableFuture())
                    .then(readKey());
        }));
    }

    private Mono<SecretKey> readKey() {
        return store.<byte @Nullable []>ask(commands -> commands.get(KEY).toCompletableFuture())
                .map(kept -> new SecretKeySpec(kept, "HmacSHA256"));
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
