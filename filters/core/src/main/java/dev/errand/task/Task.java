package dev.errand.task;

import dev.errand.limit.BucketLevel;
import dev.errand.sequence.SequenceState;
import dev.errand.token.TokenId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The shared state of one task, which all replicas agree on. Immutable. It changes only by {@code StepBatch.apply},
 * which is a pure, total function, so any store that can compare and swap a value can hold it. It contains no
 * configuration: that comes with each step, from the template revision and the presented chain.
 *
 * <p>The caller gives the buckets and the tokens away and must not change them any more.
 *
 * @param state how the task ended, or {@code ACTIVE}; never {@code EXPIRED}, which only the clock tells
 * @param why why the task ended, one sentence, or null
 * @param revision 64 bits of the digest of the template revision that the task runs under
 * @param root the task's root token
 * @param expiresAtMillis when the task expires, epoch milliseconds
 * @param timeMillis the time of the last step, epoch milliseconds. It never runs backwards for a task.
 * @param calls how many calls of the template's absolute budget are used
 * @param buckets the levels of the template's buckets that are not full. Nobody may change the map.
 * @param sequence the state of plan and rules
 * @param tokens the known tokens, the root always among them. Nobody may change the table.
 * @param lists the lists that only a few kinds of steps change
 * @param steps how many steps changed the task
 * @param baseMillis the time from which stored times are counted, epoch milliseconds
 * @param start the id of the subject token under which the task's start is kept; null if none is known
 * @param parts the stored form of the task's lists
 */
public record Task(
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
        long steps,
        long baseMillis,
        @Nullable TokenId start,
        Parts parts) {
    /**
     * The most tokens that one task keeps a record of; a call that needs one more is refused, and a cut is widened
     * instead.
     */
    public static final int MAX_TOKENS = 1024;

    /**
     * The most tokens that were revoked before they were permitted anything, without the root's own children. A holder
     * can make any number of such tokens below its own; they must not fill the places of tokens that are used.
     */
    public static final int MAX_UNUSED = 256;

    /** How long a record outlives its task, so that late outcomes are kept and {@code task-ended} says why. */
    public static final long MARGIN_MILLIS = 60_000;

    private static final long OWN_BYTES = 2_000;
    private static final long TOKEN_BYTES = 250;

    /** The sentence for a task that ended because the store lost a part of its record. */
    public static final String ROLLED_BACK = "The state store lost what the task had done.";

    /** The beginning of the sentence for a task that a reaction of its template ended. */
    public static final String BY_POLICY = "The task was interrupted because ";

    /** When the task's record may be forgotten, epoch milliseconds. */
    public long forgetAtMillis() {
        return expiresAtMillis + MARGIN_MILLIS;
    }

    /** The approximate size in memory, in bytes. */
    public long weight() {
        return OWN_BYTES + TOKEN_BYTES * tokens.size() + lists.weight();
    }

    /** The position of this record among the records of the task. */
    public TaskEpoch epoch() {
        return new TaskEpoch(baseMillis, steps, timeMillis);
    }

    /** Whether untrusted content has reached the task. */
    public boolean isUntrusted() {
        return untrusted;
    }

    /** How the whole task ended early, or null. */
    public TaskOutcome.@Nullable Ended ending() {
        return state == TaskState.ACTIVE ? null : new TaskOutcome.Ended(state, why);
    }

    /**
     * The task, ended because the store has an older record than the newest known one. Of that newest record only the
     * epoch is known.
     *
     * @param newest the epoch of the newest known record
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
     * The same task, to be written over an older record: one step later, so that it is the newest again, and with every
     * part that was read. Parts that were not read are still named; if the store lost such a part, steps that need it
     * are refused.
     */
    public Task restored() {
        return with(state, why, timeMillis, sequence, tokens.unstored(), steps + 1, Parts.NONE);
    }

    /** The same task with these stored versions. */
    public Task stored(TokenTable storedTokens, Parts storedParts) {
        return with(state, why, timeMillis, sequence, storedTokens, steps, storedParts);
    }

    /** The same task, written by a step under the first policy, for a step under the second policy. */
    public Task rebind(TaskPolicy from, TaskPolicy to) {
        if (from == to || (from.sequence() == to.sequence() && from.fingerprint() == to.fingerprint())) {
            return this;
        }
        byte[] written = sequence instanceof UnreadSequence unread
                ? unread.written()
                : from.sequence().write(sequence);
        SequenceState read = revision == to.fingerprint() ? to.sequence().read(written) : new UnreadSequence(written);
        return with(state, why, timeMillis, read, tokens, steps, parts);
    }

    private Task with(
            TaskState newState,
            @Nullable String newWhy,
            long newTimeMillis,
            SequenceState newSequence,
            TokenTable newTokens,
            long newSteps,
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
                newSteps,
                baseMillis,
                start,
                newParts);
    }
}
