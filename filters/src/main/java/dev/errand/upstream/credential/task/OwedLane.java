package dev.errand.upstream.credential.task;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The credentials that are to be given back to one upstream, {@value #AT_ONCE} at once. An upstream that hangs holds up its own lane and
 * no other. What is beyond the bound is not held here: its id is remembered, and it is read again from the store when there is room.
 * Thread-safe, never blocking.
 */
final class OwedLane {
    private static final int AT_ONCE = 64;

    /** How many ids are remembered. Those beyond are given back by another replica once this one is gone, or end by themselves. */
    private static final int MOST_IDS = 200_000;

    private final int most;
    private final AtomicInteger size = new AtomicInteger();
    private final Set<String> beyond = ConcurrentHashMap.newKeySet();
    private final Sinks.Many<Owed> queue = Sinks.many().unicast().onBackpressureBuffer();

    /**
     * @param most how many are held
     * @param attempt asks the upstream for one; never fails
     */
    OwedLane(int most, Function<Owed, Mono<Void>> attempt) {
        this.most = most;
        queue.asFlux().flatMap(attempt, AT_ONCE).subscribe();
    }

    /** Makes room for one more; false if as many as may be are held. */
    boolean enter() {
        if (size.incrementAndGet() > most) {
            size.decrementAndGet();
            return false;
        }
        return true;
    }

    /** One is given back, or over. */
    void leave() {
        size.decrementAndGet();
    }

    /** One of those that have entered is asked for now. */
    synchronized void emit(Owed credential) {
        queue.tryEmitNext(credential);
    }

    /** Remembers that one waits in the store. */
    void wait(String id) {
        if (beyond.size() < MOST_IDS) {
            beyond.add(id);
        }
    }

    /** Ids of those that wait in the store, as many as fill half of the lane; none while the lane is more than half full. */
    Set<String> takeUp() {
        int half = Math.max(1, most / 2);
        return size.get() > half ? Set.of() : beyond.stream().limit(half).collect(Collectors.toSet());
    }

    /** Waits in the store no more. */
    boolean forget(String id) {
        return beyond.remove(id);
    }

    /** How many wait in the store. */
    int waiting() {
        return beyond.size();
    }
}
