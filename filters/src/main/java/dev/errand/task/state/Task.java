package dev.errand.task.state;

import dev.errand.bytes.Sha256;
import dev.errand.delegation.TokenId;
import dev.errand.limit.BucketLevel;
import dev.errand.sequence.SequenceState;
import dev.errand.task.TaskEpoch;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskState;
import dev.errand.task.limit.BucketName;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The shared state of one task: what all replicas agree on. Immutable. It changes only by {@code StepBatch.apply}, which is pure
 * and total, so that any store that can compare and swap a value can hold it. Configuration is no part of it: that comes
 * with each step, from the template revision and the presented chain.
 */
public final class Task {
    /** The most tokens that one task keeps a record of; a call or a cut that needs one more is refused or widened. */
    public static final int MAX_TOKENS = 1024;

    /**
     * The largest number of tokens that are revoked before they were permitted anything, without the root's own
     * children. A holder can make any number of such tokens below its own. They must not take the places of tokens that
     * work.
     */
    public static final int MAX_UNUSED = 256;

    /** How long a record outlives its task, so that late outcomes are kept and {@code task-ended} says why. */
    public static final long MARGIN_MILLIS = 60_000;

    private static final long OWN_BYTES = 2_000;
    private static final long TOKEN_BYTES = 250;

    /** Why a task ended: the store lost a part of its record. */
    public static final String ROLLED_BACK = "The state store lost what the task had done.";

    /** How the sentence begins that says why a reaction of its template ended a task. */
    public static final String BY_POLICY = "The task was interrupted because ";

    private final TaskState state;
    private final @Nullable String why;
    private final long revision;
    private final TokenId root;
    private final long expiresAtMillis;
    private final long timeMillis;
    private final long calls;
    private final boolean untrusted;
    private final Map<BucketName, BucketLevel> buckets;
    private final SequenceState sequence;
    private final TokenTable tokens;
    private final TaskLists lists;
    private final long steps;
    private final long baseMillis;
    private final @Nullable TokenId start;
    private final Parts parts;

    /** The task of these; the buckets and the tokens are given away to it, and never changed again. */
    public Task(
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
        this.steps = steps;
        this.baseMillis = baseMillis;
        this.start = start;
        this.parts = parts;
    }

    /** When its record may be forgotten, epoch milliseconds. */
    public long forgetAtMillis() {
        return expiresAtMillis + MARGIN_MILLIS;
    }

    /** The latest time a step was applied at: time never runs backwards for a task. Epoch milliseconds. */
    public long timeMillis() {
        return timeMillis;
    }

    /** About how many bytes of memory it takes. */
    public long weight() {
        return OWN_BYTES + TOKEN_BYTES * tokens.size() + lists.weight();
    }

    /** Which of its records this is. */
    public TaskEpoch epoch() {
        return new TaskEpoch(baseMillis, steps, timeMillis);
    }

    /** When it ends by itself, epoch milliseconds. */
    public long expiresAtMillis() {
        return expiresAtMillis;
    }

    /** Its life; never {@code EXPIRED}, which the clock says. */
    public TaskState state() {
        return state;
    }

    /** How it ended, one sentence, or null. */
    public @Nullable String why() {
        return why;
    }

    /** 64 bits of the digest of the template revision it runs under. */
    public long revision() {
        return revision;
    }

    /** Its root token. */
    public TokenId root() {
        return root;
    }

    /** Calls used of the template's absolute budget. */
    public long calls() {
        return calls;
    }

    /** Whether untrusted content has reached it. */
    public boolean isUntrusted() {
        return untrusted;
    }

    /** The template's buckets that are not full. Never to be changed. */
    public Map<BucketName, BucketLevel> buckets() {
        return buckets;
    }

    /** Where plan and rules stand. */
    public SequenceState sequence() {
        return sequence;
    }

    /** What is known of its tokens; the root always is. Never to be changed. */
    public TokenTable tokens() {
        return tokens;
    }

    /** What few of its steps change. */
    public TaskLists lists() {
        return lists;
    }

    /** How many steps changed it; 0 where its record does not say. */
    public long steps() {
        return steps;
    }

    /** What its stored times are counted from, epoch milliseconds. */
    public long baseMillis() {
        return baseMillis;
    }

    /** What its start is kept under: the id of the subject token; null where none is known. */
    public @Nullable TokenId start() {
        return start;
    }

    /** How its lists are stored. */
    public Parts parts() {
        return parts;
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
        return with(state, why, timeMillis, sequence, tokens.unstored(), steps + 1, Parts.ofOthers(parts.others()));
    }

    /** The same task without any state of a candidate. */
    public Task withoutCandidate() {
        return lists.candidate().isNone() ? this : with(lists.with(CandidateState.NONE), parts.withoutCandidate());
    }

    public Task with(TaskLists newLists, Parts newParts) {
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
                steps,
                baseMillis,
                start,
                newParts);
    }

    /** The same task, stored so. */
    public Task stored(TokenTable storedTokens, Parts storedParts) {
        return with(state, why, timeMillis, sequence, storedTokens, steps, storedParts);
    }

    /** The same task as a step under the second policy reads it, after one under the first wrote it. */
    public Task rebind(TaskPolicy from, TaskPolicy to) {
        if (from == to || (from.sequence() == to.sequence() && from.revision().equals(to.revision()))) {
            return this;
        }
        byte[] written = sequence instanceof UnreadSequence unread
                ? unread.written()
                : from.sequence().write(sequence);
        SequenceState read = revision == Sha256.fingerprint(to.revision())
                ? to.sequence().read(written)
                : new UnreadSequence(written);
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
