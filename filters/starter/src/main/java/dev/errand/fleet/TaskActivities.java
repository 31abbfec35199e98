package dev.errand.fleet;

import dev.errand.state.IndexedTask;
import dev.errand.state.TaskNote;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TokenAccount;
import dev.errand.token.VerifiedChain;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The tasks with recent calls on this replica, at most {@value #MOST}. A call only notes its outcome here. Thread-safe,
 * never blocking.
 */
public final class TaskActivities {
    static final int MOST = 200_000;

    private static final long IDLE_MILLIS = Duration.ofMinutes(10).toMillis();

    private final Map<TaskKey, TaskActivity> activities = new ConcurrentHashMap<>();
    private final Queue<TaskActivity> due = new ConcurrentLinkedQueue<>();

    /**
     * Notes that a call of a verified holder was decided.
     *
     * @param accounts the accounts that it was charged to
     * @param untilMillis when a task of another anchor ends, epoch milliseconds; 0 for the root's own end
     * @param operation null if none was found
     * @param code why it was denied; null for a permit
     * @param waiting whether the call met a request for approval that was open already
     */
    public void decided(
            TaskKey key,
            VerifiedChain chain,
            List<TokenAccount> accounts,
            TaskPolicy policy,
            long untilMillis,
            @Nullable String operation,
            @Nullable String code,
            boolean waiting) {
        TaskActivity activity = activities.get(key);
        if (activity == null) {
            if (activities.size() >= MOST) {
                return;
            }
            activity = activities.computeIfAbsent(
                    key, made -> new TaskActivity(key, indexed(key, chain, policy, untilMillis)));
        }
        if (activity.decided(
                chain, accounts, policy, new TaskNote.LastCall(System.currentTimeMillis(), operation, code, waiting))) {
            due.add(activity);
        }
    }

    private static IndexedTask indexed(TaskKey key, VerifiedChain chain, TaskPolicy policy, long untilMillis) {
        return new IndexedTask(
                key.value(),
                policy.template().isEmpty() ? null : policy.template(),
                chain.root().human(),
                chain.root().actor(),
                chain.rootToken().issuedAt() * 1000,
                untilMillis > 0 ? untilMillis : chain.rootToken().expiry() * 1000);
    }

    /** Takes at most so many tasks that wait to be written. */
    List<TaskActivity> take(int most) {
        List<TaskActivity> taken = new ArrayList<>();
        for (TaskActivity next = due.poll(); next != null; next = taken.size() < most ? due.poll() : null) {
            next.taken();
            taken.add(next);
        }
        return taken;
    }

    /** Puts back tasks that could not be written: they wait again. */
    void putBack(List<TaskActivity> unwritten) {
        for (TaskActivity activity : unwritten) {
            if (activity.again()) {
                due.add(activity);
            }
        }
    }

    /** Forgets tasks that are over, and tasks without a call for a while. */
    void forgetIdle() {
        long now = System.currentTimeMillis();
        activities
                .values()
                .removeIf(activity ->
                        activity.isIdle(now - IDLE_MILLIS) || activity.task().expiresMillis() < now - IDLE_MILLIS);
    }
}
