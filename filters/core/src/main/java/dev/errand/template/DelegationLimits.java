package dev.errand.template;

import org.jspecify.annotations.Nullable;

/**
 * How far a task may be delegated.
 *
 * @param maxDepth the root's {@code del_max_depth}, 0 to {@value #MAX_DEPTH}
 * @param maxChildren how many distinct direct children of the root may make a call, or null for no bound
 */
public record DelegationLimits(int maxDepth, @Nullable Long maxChildren) {
    /** The deepest chain that is verified (AAT-02 section 1: at least 8). */
    public static final int MAX_DEPTH = 8;

    /** The default of a template: the task may not be delegated. */
    public static final DelegationLimits NONE = new DelegationLimits(0, null);
}
