package dev.errand.fleet;

import dev.errand.delegation.VerifiedChain;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that an operator ordered to end a moment ago, as this replica knows without asking the store. Many tasks are ended one after
 * the other, and their streams must not wait for that. Thread-safe, never blocking.
 */
public interface OrderedEnds {
    /** No order is known. */
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

    /** Whether there is any order, so that tasks have to be looked at. */
    boolean isAny();

    /**
     * Whether a task is certain to end by an order. False for a task that may have begun after the order: the store decides on that task.
     *
     * @param template null where none governs
     */
    boolean includes(VerifiedChain chain, @Nullable String template);
}
