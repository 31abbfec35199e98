package dev.errand.state.redis;

import dev.errand.jose.ProofClaim;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.task.step.StepBatch;
import dev.errand.token.TokenId;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The proofs that this replica saw used lately. A repetition is refused without asking the store, since somebody who
 * caught a request can repeat it at will. Only answers of the store are remembered; a proof replaces an older one in
 * the same place. After any task ended, earlier memories are not used, so that a repetition is told if its task is
 * over.
 *
 * <p>Every call writes here. A used proof is therefore a mark of 64 bits and no object, which the garbage collector
 * would copy. A mark stands for task, proof and number of endings; the hash of a proof covers its key and its random
 * {@code jti}, so that nobody can produce the mark of another client's next proof, and two marks are equal by chance
 * once in 2^64. Thread-safe; bounded at 65,536 used proofs of 8 bytes, and at 4,096 proofs for tasks that are over, of
 * about 200 bytes.
 */
final class SeenProofs {
    private static final int PLACES = 1 << 16;
    private static final int PLACES_OF_OVER = 1 << 12;
    private static final long PRIME = 0x100000001b3L;

    private static final TaskOutcome.Replayed REPLAYED = new TaskOutcome.Replayed();

    /**
     * A proof for a task that was over.
     *
     * @param mark the mark of the proof
     * @param leaf the token that came with the proof; only a repetition with this token is told that its task is over
     * @param again the outcome of a repetition
     */
    private record Over(long mark, @Nullable TokenId leaf, TaskOutcome again) {}

    private final AtomicLongArray used = new AtomicLongArray(PLACES);
    private final AtomicReferenceArray<@Nullable Over> over = new AtomicReferenceArray<>(PLACES_OF_OVER);
    private final AtomicInteger endings = new AtomicInteger();

    /** The outcome of a step whose proof was seen before; otherwise null. */
    @Nullable TaskOutcome repeated(TaskKey task, TaskStep step) {
        ProofClaim proof = StepBatch.presented(step);
        return proof == null ? null : repeated(task, leafOf(step), proof);
    }

    /** The outcome of a step with this proof and leaf if the proof was seen before; otherwise null. */
    @Nullable TaskOutcome repeated(TaskKey task, @Nullable TokenId leaf, ProofClaim proof) {
        long mark = mark(task, proof, endings.get());
        Over ended = over.get(place(mark) & PLACES_OF_OVER - 1);
        if (ended != null && ended.mark() == mark && Objects.equals(ended.leaf(), leaf)) {
            return ended.again();
        }
        return used.get(place(mark)) == mark ? REPLAYED : null;
    }

    private static @Nullable TokenId leafOf(TaskStep step) {
        return step instanceof TaskStep.Proven proven
                ? proven.chain().get(proven.chain().size() - 1).id()
                : null;
    }

    /**
     * How many endings this replica has heard of. Read it before asking the store, and pass it to {@link #remember}
     * with the store's answer.
     */
    int endings() {
        return endings.get();
    }

    /**
     * Remembers, from an answer of the store, a proof that was just used, that had been used before, or that was for a
     * task that is over. A task that the store does not know may still begin, so nothing is remembered then.
     */
    void remember(TaskKey task, TaskStep step, TaskOutcome outcome, int endingsBefore) {
        ProofClaim proof = StepBatch.presented(step);
        if (proof == null) {
            return;
        }
        long mark = mark(task, proof, endingsBefore);
        if (outcome instanceof TaskOutcome.Ended ended && ended.state() != TaskState.EXPIRED) {
            over.set(place(mark) & PLACES_OF_OVER - 1, new Over(mark, leafOf(step), new TaskOutcome.Replayed(ended)));
        } else if (outcome instanceof TaskOutcome.Replayed || StepBatch.claimed(step, outcome) != null) {
            used.set(place(mark), mark);
        }
    }

    /** Called when a task or a token ended, on this replica or another. */
    void ended() {
        endings.incrementAndGet();
    }

    /** FNV-1a over the proof's hash, the task and the number of endings. Never 0, which marks an empty place. */
    private static long mark(TaskKey task, ProofClaim proof, int endings) {
        String hash = proof.hash();
        long mark = 0xcbf29ce484222325L;
        for (int i = 0; i < hash.length(); i++) {
            mark = (mark ^ hash.charAt(i)) * PRIME;
        }
        mark = (mark ^ task.hashCode()) * PRIME;
        mark = (mark ^ endings) * PRIME;
        mark ^= mark >>> 32;
        return mark == 0 ? 1 : mark;
    }

    private static int place(long mark) {
        return (int) (mark ^ mark >>> 16) & PLACES - 1;
    }
}
