package dev.errand.state;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.crypto.SecretKey;
import reactor.core.publisher.Mono;

/**
 * The state that the pages for people share between replicas: who is signed in, and which sign-ins are over. Keys are
 * hashes, so that nobody who reads the store can use a session. Fails with {@link StoreUnavailableException}.
 * Thread-safe, never blocking.
 */
public interface SessionStore {
    /** The most bytes of one value. */
    int MAX_BYTES = 64 * 1024;

    /**
     * The keys by which the pages recognise what they gave to a browser; at least one. The first one makes codes, and codes of all of
     * them are accepted. Every replica of the store has the same ones: they come from the keys of use {@code state}, or are kept in the
     * store if there is no such key.
     */
    Mono<List<SecretKey>> keys();

    /** Keeps a value for that long; replaces an earlier value of the key. */
    Mono<Void> keep(String key, byte[] value, Duration life);

    /** The value; empty if none is kept any more. */
    Mono<Optional<byte[]>> find(String key);

    /** Removes the value. */
    Mono<Void> remove(String key);

    /** Whether a key was used and this is still remembered. Writes nothing. */
    Mono<Boolean> isUsed(String key);

    /** Marks a key as used for that long; false if it is marked already. */
    Mono<Boolean> use(String key, Duration life);
}
