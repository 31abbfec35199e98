package dev.errand.sequence.plan;

import dev.errand.config.Position;
import java.util.List;
import java.util.stream.Collectors;

/** One step of a plan as the template says it, with the place that it was written at. */
public sealed interface PlanStep {
    /** Where it was written. */
    Position position();

    /** The step in a few words, for messages and drawings. */
    String label();

    /**
     * A call of one operation.
     *
     * @param outcomeSent whether sending counts, instead of an answer below 400
     * @param same names of arguments that all steps naming them have in common: the first call binds, later ones must
     *     equal it
     */
    record Op(String operation, Times times, boolean outcomeSent, List<String> same, Position position)
            implements PlanStep {
        public Op {
            same = List.copyOf(same);
        }

        @Override
        public String label() {
            return operation
                    + (times.equals(Times.ONCE) ? "" : ": " + times)
                    + (outcomeSent ? ", outcome: sent" : "")
                    + (same.isEmpty() ? "" : ", same: " + same);
        }
    }

    /** One of the steps. */
    record Any(List<PlanStep> steps, Position position) implements PlanStep {
        public Any {
            steps = List.copyOf(steps);
        }

        @Override
        public String label() {
            return "any: " + labels(steps);
        }
    }

    /** All of the steps, each as a whole, in any order. */
    record All(List<PlanStep> steps, Position position) implements PlanStep {
        public All {
            steps = List.copyOf(steps);
        }

        @Override
        public String label() {
            return "all: " + labels(steps);
        }
    }

    /** The steps in their order, several times. */
    record Repeat(List<PlanStep> steps, Times times, Position position) implements PlanStep {
        public Repeat {
            steps = List.copyOf(steps);
        }

        @Override
        public String label() {
            return "repeat: " + labels(steps) + ", times: " + times;
        }
    }

    private static String labels(List<PlanStep> steps) {
        return steps.stream().limit(4).map(PlanStep::label).collect(Collectors.joining(", ", "[", ""))
                + (steps.size() > 4 ? ", …]" : "]");
    }
}
