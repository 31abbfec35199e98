package dev.errand.fleet;

import dev.errand.state.IndexedTask;
import dev.errand.state.TaskNote;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TokenAccount;
import dev.errand.token.DelegationToken;
import dev.errand.token.VerifiedChain;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * This replica's decisions about one task. A call notes its outcome, and everything else is done in the background.
 * Thread-safe.
 */
final class TaskActivity {
    private final TaskKey key;
    private final IndexedTask task;

    private Counts counts = Counts.NONE;
    private TaskNote.LastCall last = new TaskNote.LastCall(0, null, null, false);
    private @Nullable VerifiedChain chain;
    private List<TokenAccount> accounts = List.of();
    private @Nullable TaskPolicy policy;
    private boolean waiting;
    private Written written = Written.NOTHING;

    /** How many calls were permitted, were denied, and met an open request for approval. */
    private record Counts(long permitted, long denied, long waiting) {
        static final Counts NONE = new Counts(0, 0, 0);

        Counts with(TaskNote.LastCall call) {
            if (call.waiting()) {
                return new Counts(permitted, denied, waiting + 1);
            }
            return call.code() == null
                    ? new Counts(permitted + 1, denied, waiting)
                    : new Counts(permitted, denied + 1, waiting);
        }

        Counts plus(Counts other) {
            return new Counts(permitted + other.permitted, denied + other.denied, waiting + other.waiting);
        }
    }

    /**
     * The part of it that is in the index.
     *
     * @param counted whether the counts already include those in the index, from before a restart of this replica or
     *     from before it forgot the task
     * @param holders the holders by whose names operators find the task
     * @param missed whether the last write failed, so that the index may lack anything
     */
    private record Written(boolean counted, Set<String> holders, boolean missed) {
        static final Written NOTHING = new Written(false, Set.of(), false);
    }

    TaskActivity(TaskKey key, IndexedTask task) {
        this.key = key;
        this.task = task;
    }

    TaskKey key() {
        return key;
    }

    IndexedTask task() {
        return task;
    }

    /** Notes a call. True if the task was not waiting to be written before. */
    synchronized boolean decided(
            VerifiedChain by, List<TokenAccount> charged, TaskPolicy governing, TaskNote.LastCall call) {
        counts = counts.with(call);
        last = call;
        chain = by;
        accounts = charged;
        policy = governing;
        boolean first = !waiting;
        waiting = true;
        return first;
    }

    /** Makes the task wait again, since it could not be written. True if it was not waiting. */
    synchronized boolean again() {
        written = new Written(written.counted(), written.holders(), true);
        boolean first = !waiting;
        waiting = true;
        return first;
    }

    /** Ends the waiting, since the caller will write the task. */
    synchronized void taken() {
        waiting = false;
    }

    /** Whether the counts do not yet include those in the index. */
    synchronized boolean isUncounted() {
        return !written.counted();
    }

    /** Adds the counts in the index to these, once. */
    synchronized void goOnFrom(@Nullable TaskNote before) {
        if (!written.counted()) {
            if (before != null) {
                counts = counts.plus(new Counts(before.permitted(), before.denied(), before.waiting()));
            }
            Set<String> holders = before == null ? Set.of() : Set.copyOf(before.holders());
            written = new Written(true, holders, written.missed());
        }
    }

    /** The values to be written now. */
    record Due(
            TaskNote.LastCall last,
            long permitted,
            long denied,
            long waiting,
            List<TokenAccount> accounts,
            @Nullable TaskPolicy policy,
            List<String> holders,
            boolean whole) {}

    /** Takes the values to be written. A later call makes the task wait again. */
    synchronized Due take(boolean mayBeNew) {
        Set<String> holders = new LinkedHashSet<>(written.holders());
        VerifiedChain by = chain;
        if (by != null) {
            for (DelegationToken token : by.tokens()) {
                String actor = token.actor();
                if (actor != null && !actor.equals(task.agent()) && holders.size() < TaskNote.MOST_HOLDERS) {
                    holders.add(actor);
                }
            }
        }
        boolean whole = mayBeNew || written.missed() || !holders.equals(written.holders());
        chain = null;
        written = new Written(written.counted(), Set.copyOf(holders), false);
        return new Due(
                last,
                counts.permitted(),
                counts.denied(),
                counts.waiting(),
                accounts,
                policy,
                List.copyOf(holders),
                whole);
    }

    synchronized boolean isIdle(long sinceMillis) {
        return !waiting && last.timeMillis() < sinceMillis;
    }
}
