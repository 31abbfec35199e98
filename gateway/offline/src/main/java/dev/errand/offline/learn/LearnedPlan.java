package dev.errand.offline.learn;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A drafted plan.
 *
 * @param steps in order; empty for any order
 * @param interleave operations that come in any state; empty without steps
 */
public record LearnedPlan(List<LearnedStep> steps, SortedSet<String> interleave) {
    /** The plan that permits any order. */
    public static final LearnedPlan NONE = new LearnedPlan(List.of(), new TreeSet<>());

    public LearnedPlan {
        steps = List.copyOf(steps);
    }
}
