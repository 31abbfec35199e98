package dev.errand.state;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The standing errands, as all replicas share them. Each is one value, which a change replaces only if it is still the one that was judged.
 * An errand of which the store has an older state than this process has seen counts as ended. Fails with
 * {@link StoreUnavailableException}. Thread-safe, never blocking.
 */
public interface StandingErrands {
    /** How many errands are kept, those that are over included. */
    int MOST = 10_000;

    /** The most members of one {@link #members}. */
    int PAGE = 250;

    /** How long an errand is kept after it may run no more, in milliseconds. */
    long KEPT_MILLIS = 7 * 24 * 3_600_000L;

    /** @param nowMillis the store's time when it was read, epoch milliseconds */
    record Found(StandingErrand errand, long nowMillis) {}

    /** A change of an errand. */
    interface Change {
        /**
         * The errand after the change; the same object to leave it as it is. Asked again if another change came first.
         *
         * @param nowMillis the store's time, epoch milliseconds
         */
        StandingErrand next(StandingErrand now, long nowMillis);
    }

    /**
     * Keeps a new errand.
     *
     * @param request what the human allowed, of at most {@link StartRequestStore#MAX_BYTES} bytes
     * @return false if as many are kept as may be; true also if an errand of this id is kept already
     */
    Mono<Boolean> create(StandingErrand errand, byte[] request);

    Mono<Optional<Found>> find(String id);

    /** What the human allowed. */
    Mono<Optional<byte[]>> request(String id);

    /** Changes an errand in one step; empty if there is none. */
    Mono<Optional<StandingErrand>> change(String id, Change change);

    /** Whether a failover of the store keeps everything that was written of the errand; false if that is not known. */
    Mono<Boolean> survives(String id);

    /** The members of the list below that one, the latest allowed first; at most {@value #PAGE}. */
    Mono<List<String>> members(@Nullable String below);

    /** The errands of these members; those that are not kept any more are left out, and leave the list. */
    Mono<List<Found>> read(List<String> members);
}
