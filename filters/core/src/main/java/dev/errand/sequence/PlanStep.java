package dev.errand.sequence;

import dev.errand.config.Position;
import java.util.List;
import java.util.stream.Collectors;

/** One step of a plan as the template writes it, with its position in the file. */
public sealed interface PlanStep {
    /** Where it was written. */
    Position position();

    /** The step in a few words, for messages and drawings. */
    String label();

    /**
     * A call of one operation.
     *
     * @param outcomeSent whether the step counts once the call is sent, instead of by an answer below 400
     * @param same names of arguments that must be equal in all steps that name them: the first call binds the value
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

    /** Exactly one of the steps. */
    record Any(List<PlanStep> steps, Position position) implements PlanStep {
        public Any {
            steps = List.copyOf(steps);
        }

        @Override
        public String label() {
            return "any: " + labels(steps);
        }
    }

    /** All of the steps, in any order, each step completed before the next. */
    record All(List<PlanStep> steps, Position position) implements PlanStep {
        public All {
            steps = List.copyOf(steps);
        }

        @Override
        public String label() {
            return "all: " + labels(steps);
        }
    }

    /** The steps in their order, repeated. */
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
