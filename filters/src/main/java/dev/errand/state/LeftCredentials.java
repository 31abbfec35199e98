package dev.errand.state;

import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The credentials that replicas hold, kept in the shared store so that a replica that dies leaves them to another. Thread-safe,
 * never blocking; failures are {@link StoreUnavailableException}s.
 */
public interface LeftCredentials {
    /** Whether secrets may be left at all: only where the replicas share a key to seal them by. */
    boolean isSealed();

    /**
     * A sign of life of a replica that holds credentials.
     *
     * @return false if the sign before it had run out, so that another replica may have given all back
     */
    Mono<Boolean> alive(String instance, Duration keep);

    /** The replica goes: what it still left is for the others at once. */
    Mono<Void> gone(String instance);

    /** Leaves one, or writes it anew. */
    Mono<Void> leave(String instance, LeftCredential credential);

    /** It was given back, or ended by itself. */
    Mono<Void> remove(String instance, String id);

    /** Replicas that left something and give no sign of life. */
    Mono<List<String>> lost();

    /** Takes a lost replica's credentials on for that long; false if another replica has them. */
    Mono<Boolean> takeOn(String lost, String by, Duration keep);

    /** All that a replica left. What cannot be opened is left out, and ends by its own expiry. */
    Flux<LeftCredential> of(String instance);

    /** Forgets a replica that left nothing more. */
    Mono<Void> forget(String instance);
}
