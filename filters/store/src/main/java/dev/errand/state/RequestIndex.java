package dev.errand.state;

import java.util.List;
import reactor.core.publisher.Mono;

/**
 * The ids of all requests that wait for a human or for their call, of all tasks. People find requests here, and one
 * replica takes each request that has ended out of it. The content of a request is in its task's record. Fails with
 * {@link StoreUnavailableException}. Thread-safe, never blocking.
 */
public interface RequestIndex {
    /** The most ids of one answer. */
    int MOST = 1_000;

    /** @param untilMillis when the request ends by itself, epoch milliseconds */
    Mono<Void> add(String id, long untilMillis);

    /** Removes a request; true only for the caller who removed it. */
    Mono<Boolean> remove(String id);

    /** At most {@value #MOST} ids of waiting requests, those that end first at the beginning. */
    Mono<List<String>> standing();
}
