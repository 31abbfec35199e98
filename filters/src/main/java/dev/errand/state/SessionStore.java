package dev.errand.state;

import java.time.Duration;
import java.util.Optional;
import reactor.core.publisher.Mono;

/**
 * What the pages of people share between replicas: who is signed in, and which sign-ins are over. Keys are hashes, so that whoever
 * reads the store can use no session. Fails with {@link StoreUnavailableException}. Thread-safe, never blocking.
 */
public interface SessionStore {
    /** The most bytes of one value. */
    int MAX_BYTES = 64 * 1024;

    /** Keeps a value, in the place of an earlier one, for so long. */
    Mono<Void> keep(String key, byte[] value, Duration life);

    /** The value, while it is kept. */
    Mono<Optional<byte[]>> find(String key);

    /** Forgets the value. */
    Mono<Void> remove(String key);

    /** Whether a key was used up, and is still kept as such. Writes nothing. */
    Mono<Boolean> isUsed(String key);

    /** Uses a key up; false if it was used before, within that time. */
    Mono<Boolean> use(String key, Duration life);
}
