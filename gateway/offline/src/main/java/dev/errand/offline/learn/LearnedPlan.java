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

    /** Whether it stops more than repetition: a plan of one operation, or of several in any order, only counts. */
    boolean orders() {
        return steps.size() > 1 || steps.size() == 1 && orders(steps.get(0));
    }

    private static boolean orders(LearnedStep step) {
        if (step instanceof LearnedStep.Repeat repeat) {
            return repeat.steps().size() > 1 || orders(repeat.steps().get(0));
        }
        return step instanceof LearnedStep.Any
                || step instanceof LearnedStep.All all
                        && all.steps().stream().anyMatch(each -> !(each instanceof LearnedStep.Op));
    }

    /** Whether it is one operation after the other, and nothing else. */
    boolean isLine() {
        return !steps.isEmpty() && steps.stream().allMatch(LearnedStep.Op.class::isInstance);
    }
}
