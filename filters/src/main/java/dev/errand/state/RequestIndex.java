package dev.errand.state;

import java.util.List;
import reactor.core.publisher.Mono;

/**
 * The requests of all tasks that wait for a human or for their call, by their ids: where people find them, and from which one
 * replica takes each that has ended. What a request is, the record of its task says. Fails with {@link StoreUnavailableException}.
 * Thread-safe, never blocking.
 */
public interface RequestIndex {
    /** The most ids of one answer. */
    int MOST = 1_000;

    /** @param untilMillis when the request ends by itself, epoch milliseconds */
    Mono<Void> add(String id, long untilMillis);

    /** Takes a request out; true for the one who took it. */
    Mono<Boolean> remove(String id);

    /** At most {@value #MOST} of them, those that end first at the front. */
    Mono<List<String>> standing();
}
