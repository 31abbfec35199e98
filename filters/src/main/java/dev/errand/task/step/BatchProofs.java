package dev.errand.task.step;

import dev.errand.task.ProofClaim;
import java.util.HashSet;
import java.util.Set;

/** The proofs of one batch of steps: those that a step claimed, and those whose denial was counted. Not thread-safe. */
final class BatchProofs {
    /** Proofs that stay unused by a denial, and whose denial was counted before the batch. */
    private final Set<String> countedBefore;
    /** Stays empty for a batch of one step, behind which no other looks. */
    private final Set<String> claimed;

    private final boolean several;
    /** The same as those before, counted by the batch. */
    private Set<String> counted = Set.of();

    /** @param steps how many steps the batch has */
    BatchProofs(Set<String> countedBefore, int steps) {
        this.countedBefore = countedBefore;
        this.several = steps > 1;
        this.claimed = several ? new HashSet<>() : Set.of();
    }

    /** Whether an earlier step of the batch claimed it. */
    boolean isClaimed(ProofClaim proof) {
        return claimed.contains(proof.hash());
    }

    void claim(ProofClaim proof) {
        if (several) {
            claimed.add(proof.hash());
        }
    }

    /**
     * Whether a denial of this proof is its first that counts. A used proof is not seen twice; one that a denial leaves unused
     * can be sent again by whoever saw it, and must not end the holder's task so.
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
