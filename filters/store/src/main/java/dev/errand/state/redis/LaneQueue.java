package dev.errand.state.redis;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The steps of one task that wait on this replica while a batch of earlier steps is in progress. Thread-safe. */
final class LaneQueue {
    static final int MAX_BATCH = 64;

    private final Deque<WaitingStep> waiting = new ArrayDeque<>();
    private boolean busy;

    /** Adds a step; true if no batch is in progress, so that the caller must process {@link #next}. */
    synchronized boolean add(WaitingStep step) {
        waiting.add(step);
        if (busy) {
            return false;
        }
        busy = true;
        return true;
    }

    /**
     * Begins the next batch: at most {@value #MAX_BATCH} steps of one policy, without those whose callers no longer
     * wait. Null if there are none; then no batch is in progress any more.
     */
    synchronized @Nullable LaneBatch next() {
        List<WaitingStep> batch = new ArrayList<>();
        while (batch.size() < MAX_BATCH) {
            WaitingStep head = waiting.peek();
            if (head == null || (!batch.isEmpty() && batch.get(0).policy != head.policy)) {
                break;
            }
            waiting.remove();
            if (!head.isDone()) {
                batch.add(head);
            }
        }
        busy = !batch.isEmpty();
        return busy ? new LaneBatch(batch) : null;
    }
}
