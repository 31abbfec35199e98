package dev.errand.fleet;

import dev.errand.token.VerifiedChain;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that an operator's lock has ended, or is about to end, as this replica knows without asking the store. Many
 * tasks are ended one after the other; their open streams must not wait for that. Thread-safe, never blocking.
 */
public interface OrderedEnds {
    /** Knows of no lock. */
    OrderedEnds NONE = new OrderedEnds() {
        @Override
        public boolean isAny() {
            return false;
        }

        @Override
        public boolean includes(VerifiedChain chain, @Nullable String template) {
            return false;
        }
    };

    /** Whether there is any recent lock, so that tasks need a check. */
    boolean isAny();

    /**
     * Whether a lock is certain to end the task. False for a task that may have begun after the lock: for that task the
     * store decides.
     *
     * @param template null if no template governs the task
     */
    boolean includes(VerifiedChain chain, @Nullable String template);
}
