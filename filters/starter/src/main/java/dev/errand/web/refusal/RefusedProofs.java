package dev.errand.web.refusal;

import dev.errand.jose.ProofClaim;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/**
 * The proofs that were refused lately and may still be unused. Anybody who caught a request with such a proof can send it
 * again, and it is refused each time. So only the first refusal of a proof counts as the holder's own. Two proofs may share a
 * place: the later one then counts as a repetition until the earlier one is too old. So no repetition ever counts as a first
 * refusal. Thread-safe; bounded at 65,536 proofs of 8 bytes each.
 */
final class RefusedProofs {
    private static final int PLACES = 1 << 16;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final LongSupplier nanoTime;

    /** Until when the proof of the place can be repeated, in nanoseconds since the beginning; 0 for none. */
    private final AtomicLongArray places = new AtomicLongArray(PLACES);

    private final long begunNanos;

    /** @param nanoTime a clock as {@link System#nanoTime} */
    RefusedProofs(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.begunNanos = nanoTime.getAsLong();
    }

    /**
     * Whether this is the first refusal of the proof. A proof by the connection (mutual TLS) cannot be repeated, so
     * each refusal of it is the first.
     */
    boolean isFirst(ProofClaim proof) {
        if (!proof.isClaimed()) {
            return true;
        }
        int hash = proof.hash().hashCode();
        int place = (hash ^ hash >>> 16) & PLACES - 1;
        long now = nanoTime.getAsLong() - begunNanos;
        long until = places.get(place);
        return until <= now && places.compareAndSet(place, until, now + 1 + proof.keepMillis() * NANOS_PER_MILLI);
    }
}
