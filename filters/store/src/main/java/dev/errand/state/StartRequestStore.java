package dev.errand.state;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The requests of agents for tasks (RFC 8628), as all replicas share them: a list of those that are open, and a value for each that is
 * replaced only by who knows the value before. Values are not read here. Fails with {@link StoreUnavailableException}. Thread-safe,
 * never blocking.
 */
public interface StartRequestStore {
    /** The most bytes of one value. */
    int MAX_BYTES = 128 * 1024;

    /** The most ids of one answer of {@link #over}. */
    int MOST = 100;

    /**
     * Takes a request into the list of open ones, if fewer are open.
     *
     * @param group the part of the list that has a bound of its own; the id begins with it
     * @param ofGroup how many of the group may be open
     * @param all how many may be open
     * @param untilMillis when the request ends by itself, epoch milliseconds
     * @return empty if it was taken; else how long until the first of those that are in the way ends
     */
    Mono<Optional<Duration>> open(String id, String group, int ofGroup, int all, long untilMillis, long nowMillis);

    /** Takes a request out of the list; true only for the caller who took it out. */
    Mono<Boolean> close(String id);

    /** At most {@value #MOST} ids of the list that ended by themselves at that time, epoch milliseconds. */
    Mono<List<String>> over(long nowMillis);

    /** The value; empty if none is kept. */
    Mono<Optional<byte[]>> find(String key);

    /**
     * Replaces a value in one step.
     *
     * @param was the value that was read before; null if there must be none
     * @param life how long the new value is kept
     * @return false if another one is kept there, and nothing was written
     */
    Mono<Boolean> swap(String key, byte @Nullable [] was, byte[] value, Duration life);
}
