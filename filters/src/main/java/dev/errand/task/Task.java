package dev.errand.task;

import dev.errand.delegation.TokenId;
import dev.errand.limit.BucketLevel;
import dev.errand.sequence.SequenceState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The shared state of one task: what all replicas agree on. Immutable. It changes only by {@link #apply}, which is pure
 * and total, so that any store that can compare and swap a value can hold it. Configuration is no part of it: that comes
 * with each step, from the template revision and the presented chain.
 */
public final class Task {
    /** The most tokens that one task keeps a record of; a call or a cut that needs one more is refused or widened. */
    public static final int MAX_TOKENS = 1024;

    /**
     * The most of them, but for the root's own children, that are revoked before they were permitted anything. Whoever
     * holds a token may make such below it at will: they must not take the place of those that work.
     */
    public static final int MAX_UNUSED = 256;

    /** How long a record outlives its task, so that late outcomes are kept and {@code task-ended} says why. */
    public static final long MARGIN_MILLIS = 60_000;

    private static final long OWN_BYTES = 2_000;
    private static final long TOKEN_BYTES = 250;

    private static final TaskOutcome REFORMATTED = new TaskOutcome.Reformatted(true);

    static final String ROLLED_BACK = "The state store lost what the task had done.";

    /** Its life; never {@code EXPIRED}, which the clock says. */
    final TaskState state;

    final @Nullable String why;
    /** 64 bits of the digest of the template revision it runs under. */
    final long revision;

    final TokenId root;
    final long expiresAtMillis;
    /** The latest time a step was applied at: time never runs backwards for a task. */
    final long timeMillis;
    /** Calls used of the template's absolute budget. */
    final long calls;

    final boolean untrusted;
    /** The template's buckets that are not full. */
    final Map<BucketName, BucketLevel> buckets;

    final SequenceState sequence;
    /** What is known of its tokens; the root always is. */
    final TokenTable tokens;

    final TaskLists lists;
    /** How many steps changed it; 0 where its record does not say. */
    final long epoch;
    /** What its stored times are counted from, epoch milliseconds. */
    final long baseMillis;
    /** What its start is kept under: the id of the subject token; null where none is known. */
    final @Nullable TokenId start;
    /** How its lists are stored. */
    final Parts parts;

    /** The task of these; the buckets and the tokens are given away to it, and never changed again. */
    Task(
            TaskState state,
            @Nullable String why,
            long revision,
            TokenId root,
            long expiresAtMillis,
            long timeMillis,
            long calls,
            boolean untrusted,
            Map<BucketName, BucketLevel> buckets,
            SequenceState sequence,
            TokenTable tokens,
            TaskLists lists,
            long epoch,
            long baseMillis,
            @Nullable TokenId start,
            Parts parts) {
        this.state = state;
        this.why = why;
        this.revision = revision;
        this.root = root;
        this.expiresAtMillis = expiresAtMillis;
        this.timeMillis = timeMillis;
        this.calls = calls;
        this.untrusted = untrusted;
        this.buckets = buckets;
        this.sequence = sequence;
        this.tokens = tokens;
        this.lists = lists;
        this.epoch = epoch;
        this.baseMillis = baseMillis;
        this.start = start;
        this.parts = parts;
    }

    /**
     * Applies steps in their order, each all or nothing.
     *
     * @param current the task as it stands, or null where there is none
     * @param nowMillis the store's time, epoch milliseconds; a time before the task's own is taken as the task's own
     * @throws IllegalStateException if the policy is of another revision than the task and a step must judge by it
     */
    public static Applied apply(
            TaskPolicy policy, @Nullable Task current, List<? extends TaskStep> steps, long nowMillis) {
        return apply(policy, current, steps, nowMillis, Set.of());
    }

    /**
     * The same, where the store knows proofs whose denial was counted before.
     *
     * @param counted the hashes of such proofs: a further denial of one of them leads to nothing
     */
    public static Applied apply(
            TaskPolicy policy,
            @Nullable Task current,
            List<? extends TaskStep> steps,
            long nowMillis,
            Set<String> counted) {
        Ledger ledger = new Ledger(policy, current, nowMillis);
        BatchProofs proofs = new BatchProofs(counted, steps.size());
        StepBatch batch = new StepBatch(ledger, proofs);
        List<TaskOutcome> outcomes = new ArrayList<>(steps.size());
        for (TaskStep step : steps) {
            outcomes.add(batch.apply(step));
        }
        CandidateStep.close(ledger);
        Task next = ledger.close();
        if (next != null && next == current && outcomes.contains(REFORMATTED)) {
            next = next.restored();
        }
        return new Applied(next, outcomes, ledger.endedSomething(), proofs.counted());
    }

    /**
     * What steps came to.
     *
     * @param next the task after them; the very same object if none changed it, null if there is still none
     * @param outcomes one for each step, in their order
     * @param ended whether the task or one of its tokens ended by them, which all replicas must hear
     * @param counted the hashes of proofs that stay unused and whose denial was counted by these steps: the store remembers
     *     them for as long as their claims say, apart from the used ones
     */
    public record Applied(@Nullable Task next, List<TaskOutcome> outcomes, boolean ended, Set<String> counted) {
        public Applied {
            outcomes = List.copyOf(outcomes);
            counted = Set.copyOf(counted);
        }
    }

    /** The proof that a step claims for ever by coming to this outcome, or null. */
    public static @Nullable ProofClaim claimed(TaskStep step, TaskOutcome outcome) {
        ProofClaim proof = presented(step);
        if (proof == null || outcome instanceof TaskOutcome.Permitted) {
            return proof;
        }
        return outcome instanceof TaskOutcome.Denied && !proof.onlyWhenPermitted() ? proof : null;
    }

    /** The proof whose single use a step presents; null for a step that is not a call, or was proven by its connection. */
    public static @Nullable ProofClaim presented(TaskStep step) {
        return step instanceof TaskStep.Proven proven && proven.proof().isClaimed() ? proven.proof() : null;
    }

    /** When its record may be forgotten, epoch milliseconds. */
    public long forgetAtMillis() {
        return expiresAtMillis + MARGIN_MILLIS;
    }

    /** The latest time a step was applied at. */
    public long timeMillis() {
        return timeMillis;
    }

    /** About how many bytes of memory it takes. */
    public long weight() {
        return OWN_BYTES + TOKEN_BYTES * tokens.size() + lists.weight();
    }

    /** Which of its records this is. */
    public TaskEpoch epoch() {
        return new TaskEpoch(baseMillis, epoch, timeMillis);
    }

    /** When it ends by itself, epoch milliseconds. */
    public long expiresAtMillis() {
        return expiresAtMillis;
    }

    /** How the whole task was ended before its time, or null. */
    public TaskOutcome.@Nullable Ended ending() {
        return state == TaskState.ACTIVE ? null : new TaskOutcome.Ended(state, why);
    }

    /**
     * The task ended, because the store has an older record of it than one that is known by its epoch alone.
     *
     * @param newest the epoch of that
     */
    public Task rolledBack(TaskEpoch newest) {
        return with(
                TaskState.INTERRUPTED,
                ROLLED_BACK,
                Math.max(timeMillis, newest.timeMillis()),
                sequence,
                tokens,
                newest.number() + 1,
                parts);
    }

    /**
     * The same task as it is to be written over an older record of it: a step later, so that it is the newest again, and with
     * every part that was read. A part that was not read stays named; if the store lost it, those that look at it are refused.
     */
    public Task restored() {
        return with(state, why, timeMillis, sequence, tokens.unstored(), epoch + 1, Parts.ofOthers(parts.others()));
    }

    /** The same task of which no candidate knows anything. */
    Task withoutCandidate() {
        return lists.candidate().isNone() ? this : with(lists.with(CandidateState.NONE), parts.withoutCandidate());
    }

    Task with(TaskLists newLists, Parts newParts) {
        return new Task(
                state,
                why,
                revision,
                root,
                expiresAtMillis,
                timeMillis,
                calls,
                untrusted,
                buckets,
                sequence,
                tokens,
                newLists,
                epoch,
                baseMillis,
                start,
                newParts);
    }

    /** The same task, stored so. */
    Task stored(TokenTable storedTokens, Parts storedParts) {
        return with(state, why, timeMillis, sequence, storedTokens, epoch, storedParts);
    }

    /** The same task as a step under the second policy reads it, after one under the first wrote it. */
    public Task rebind(TaskPolicy from, TaskPolicy to) {
        if (from == to || (from.sequence() == to.sequence() && from.revision().equals(to.revision()))) {
            return this;
        }
        byte[] written = sequence instanceof UnreadSequence unread
                ? unread.written()
                : from.sequence().write(sequence);
        SequenceState read = revision == TaskFormat.fingerprint(to.revision())
                ? to.sequence().read(written)
                : new UnreadSequence(written);
        return with(state, why, timeMillis, read, tokens, epoch, parts);
    }

    private Task with(
            TaskState newState,
            @Nullable String newWhy,
            long newTimeMillis,
            SequenceState newSequence,
            TokenTable newTokens,
            long newEpoch,
            Parts newParts) {
        return new Task(
                newState,
                newWhy,
                revision,
                root,
                expiresAtMillis,
                newTimeMillis,
                calls,
                untrusted,
                buckets,
                newSequence,
                newTokens,
                lists,
                newEpoch,
                baseMillis,
                start,
                newParts);
    }
}
