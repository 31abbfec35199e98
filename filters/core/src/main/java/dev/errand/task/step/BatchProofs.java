package dev.errand.task.step;

import dev.errand.jose.ProofClaim;
import java.util.HashSet;
import java.util.Set;

/** The proofs of one batch of steps: those that a step claimed, and those whose denial was counted. Not thread-safe. */
final class BatchProofs {
    /** Proofs whose denial was counted before the batch; a denial leaves them unused. */
    private final Set<String> countedBefore;
    /** Stays empty in a batch of one step, since no later step could look at it. */
    private final Set<String> claimed;

    private final boolean several;
    /** Proofs whose denial was counted in this batch. */
    private Set<String> counted = Set.of();

    /** @param steps how many steps the batch has */
    BatchProofs(Set<String> countedBefore, int steps) {
        this.countedBefore = countedBefore;
        this.several = steps > 1;
        this.claimed = several ? new HashSet<>() : Set.of();
    }

    /** Whether an earlier step of the batch claimed the proof. */
    boolean isClaimed(ProofClaim proof) {
        return claimed.contains(proof.hash());
    }

    void claim(ProofClaim proof) {
        if (several) {
            claimed.add(proof.hash());
        }
    }

    /**
     * Whether this denial of the proof counts: only the first one does. A used proof is refused anyway. A proof that a
     * denial leaves unused can be sent again by whoever saw it; this must not end the holder's task.
     */
    boolean countsFirst(ProofClaim proof) {
        if (!proof.isClaimed() || !proof.onlyWhenPermitted()) {
            return true;
        }
        if (countedBefore.contains(proof.hash())) {
            return false;
        }
        if (counted.isEmpty()) {
            counted = new HashSet<>();
        }
        return counted.add(proof.hash());
    }

    Set<String> counted() {
        return counted;
    }
}
