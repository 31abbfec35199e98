package dev.errand.state.redis;

import dev.errand.delegation.TokenId;
import dev.errand.task.ProofClaim;
import dev.errand.task.Task;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The proofs that this replica saw used of late, so that a repetition is refused without asking the store: somebody who
 * caught a request repeats it at will. Only what the store answered is remembered, and the newest of several that share a
 * place. What is remembered before any task ended is not told after it, so that a repetition is told that its task is over.
 * Thread-safe; bounded at 65,536 proofs, of about 200 bytes each.
 */
final class SeenProofs {
    private static final int PLACES = 1 << 16;

    private static final TaskOutcome.Replayed REPLAYED = new TaskOutcome.Replayed();

    /**
     * A proof that was used.
     *
     * @param leaf the token that it was presented with, where only a repetition with it is told so; else null
     * @param again what a repetition comes to
     * @param endings how many endings were heard of before
     */
    private record Seen(TaskKey task, String hash, @Nullable TokenId leaf, TaskOutcome again, int endings) {
        boolean isOf(TaskKey other, @Nullable TokenId presentedWith, ProofClaim proof) {
            return hash.equals(proof.hash()) && task.equals(other) && (leaf == null || leaf.equals(presentedWith));
        }
    }

    private final AtomicReferenceArray<@Nullable Seen> places = new AtomicReferenceArray<>(PLACES);
    private final AtomicInteger endings = new AtomicInteger();

    /** What the step comes to if its proof was seen, else null. */
    @Nullable TaskOutcome repeated(TaskKey task, TaskStep step) {
        ProofClaim proof = Task.presented(step);
        return proof == null ? null : repeated(task, leafOf(step), proof);
    }

    /** What a step with the proof, presented with that leaf, comes to if the proof was seen, else null. */
    @Nullable TaskOutcome repeated(TaskKey task, @Nullable TokenId leaf, ProofClaim proof) {
        Seen seen = places.get(place(proof));
        boolean known = seen != null && seen.isOf(task, leaf, proof) && seen.endings() == endings.get();
        return known ? seen.again() : null;
    }

    private static @Nullable TokenId leafOf(TaskStep step) {
        return step instanceof TaskStep.Proven proven
                ? proven.chain().get(proven.chain().size() - 1).id()
                : null;
    }

    /** How many endings were heard of by now, to be given to {@link #remember} with what was asked for after it. */
    int endings() {
        return endings.get();
    }

    /**
     * The store answered so. Remembered is a proof that it used up, or knows as used, or that came to a task that was ended.
     * A task that the store does not know may yet begin.
     */
    void remember(TaskKey task, TaskStep step, TaskOutcome outcome, int endingsBefore) {
        ProofClaim proof = Task.presented(step);
        if (proof == null) {
            return;
        }
        if (outcome instanceof TaskOutcome.Ended over && over.state() != TaskState.EXPIRED) {
            places.set(
                    place(proof),
                    new Seen(task, proof.hash(), leafOf(step), new TaskOutcome.Replayed(over), endingsBefore));
        } else if (outcome instanceof TaskOutcome.Replayed || Task.claimed(step, outcome) != null) {
            places.set(place(proof), new Seen(task, proof.hash(), null, REPLAYED, endingsBefore));
        }
    }

    /** A task or a token ended, here or elsewhere. */
    void ended() {
        endings.incrementAndGet();
    }

    private static int place(ProofClaim proof) {
        int hash = proof.hash().hashCode();
        return (hash ^ hash >>> 16) & PLACES - 1;
    }
}
