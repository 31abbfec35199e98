package dev.errand.state;

import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The credentials that replicas hold, kept in the shared store so that another replica can give them back if one dies.
 * Thread-safe, never blocking; failures are {@link StoreUnavailableException}s.
 */
public interface LeftCredentials {
    /** Whether secrets may be stored at all: only if the replicas share a key that seals them. */
    boolean isSealed();

    /**
     * Renews the sign of life of a replica that holds credentials.
     *
     * @param keep how long the sign of life lasts
     * @return false if the last sign had expired, so that another replica may have given the credentials back
     */
    Mono<Boolean> alive(String instance, Duration keep);

    /** Ends a replica's sign of life at once, so that the others take on the credentials that it has stored here. */
    Mono<Void> gone(String instance);

    /** Stores a credential of a replica, or replaces it. */
    Mono<Void> leave(String instance, LeftCredential credential);

    /** Removes a credential that was given back or has expired. */
    Mono<Void> remove(String instance, String id);

    /** The replicas that have stored credentials but no sign of life. */
    Mono<List<String>> lost();

    /** Reserves a lost replica's credentials for {@code by} for that long; false if another replica has them. */
    Mono<Boolean> takeOn(String lost, String by, Duration keep);

    /** All credentials that a replica stored. Those that cannot be opened are left out; they expire by themselves. */
    Flux<LeftCredential> of(String instance);

    /** Forgets a replica that has no stored credentials any more. */
    Mono<Void> forget(String instance);
}
