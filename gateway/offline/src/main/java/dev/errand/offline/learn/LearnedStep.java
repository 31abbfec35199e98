package dev.errand.offline.learn;

import dev.errand.sequence.Times;
import java.util.List;
import java.util.stream.Collectors;

/** A step of a drafted plan. */
sealed interface LearnedStep {
    /**
     * A greater count becomes {@code N..*}, since each counted call needs a state. A rule bounds the count instead.
     */
    int MAX_COUNT = 64;

    /** How many operations are written in it. */
    int size();

    /** The step in the form of a template, on one line. */
    String toYaml();

    /** The same step with counts of more than one multiplied by the headroom. */
    LearnedStep roomier(double headroom);

    /** An operation with its number of times. */
    record Op(String operation, Times times) implements LearnedStep {
        @Override
        public LearnedStep roomier(double headroom) {
            return new Op(operation, LearnedStep.roomier(times, headroom));
        }

        @Override
        public int size() {
            return 1;
        }

        @Override
        public String toYaml() {
            String name = YamlText.string(operation);
            return times.equals(Times.ONCE) ? name : "{" + name + ": " + count(times) + "}";
        }
    }

    /** One of several branches. */
    record Any(List<List<LearnedStep>> branches) implements LearnedStep {
        public Any {
            branches = branches.stream().map(List::copyOf).toList();
        }

        @Override
        public LearnedStep roomier(double headroom) {
            return new Any(branches.stream()
                    .map(branch ->
                            branch.stream().map(step -> step.roomier(headroom)).toList())
                    .toList());
        }

        @Override
        public int size() {
            return branches.stream().mapToInt(LearnedStep::size).sum();
        }

        @Override
        public String toYaml() {
            return branches.stream()
                    .map(branch ->
                            branch.size() == 1 ? branch.get(0).toYaml() : new Repeat(branch, Times.ONCE).toYaml())
                    .collect(Collectors.joining(", ", "{any: [", "]}"));
        }
    }

    /** All of these steps, in any order. */
    record All(List<LearnedStep> steps) implements LearnedStep {
        public All {
            steps = List.copyOf(steps);
        }

        @Override
        public LearnedStep roomier(double headroom) {
            return new All(steps.stream().map(step -> step.roomier(headroom)).toList());
        }

        @Override
        public int size() {
            return LearnedStep.size(steps);
        }

        @Override
        public String toYaml() {
            return "{all: " + list(steps) + "}";
        }
    }

    /** Steps in their order, repeated this number of times. */
    record Repeat(List<LearnedStep> steps, Times times) implements LearnedStep {
        public Repeat {
            steps = List.copyOf(steps);
        }

        @Override
        public LearnedStep roomier(double headroom) {
            return new Repeat(
                    steps.stream().map(step -> step.roomier(headroom)).toList(), LearnedStep.roomier(times, headroom));
        }

        @Override
        public int size() {
            return LearnedStep.size(steps);
        }

        @Override
        public String toYaml() {
            return "{repeat: " + list(steps) + ", times: " + count(times) + "}";
        }
    }

    private static Times roomier(Times times, double headroom) {
        return times.max() == 1 || times.unbounded()
                ? times
                : times(Math.min(1, times.min()), (int) Math.ceil(times.max() * headroom));
    }

    /** How many operations are written in the steps. */
    static int size(List<LearnedStep> steps) {
        return steps.stream().mapToInt(LearnedStep::size).sum();
    }

    private static String list(List<LearnedStep> steps) {
        return steps.stream().map(LearnedStep::toYaml).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String count(Times times) {
        String text = times.toString();
        return times.min() == 0 && times.max() == 1 ? "\"?\"" : text.contains("..") ? "\"" + text + "\"" : text;
    }

    /** A range that was seen, widened if it needs too many states. */
    static Times times(int min, int max) {
        return new Times(Math.min(min, MAX_COUNT), max > MAX_COUNT ? Times.UNBOUNDED : Math.max(1, max));
    }
}
