package dev.errand.sequence.rule;

import dev.errand.config.Position;
import java.util.List;
import java.util.Optional;

/** One rule as the template says it, with the place that it was written at. */
public sealed interface Rule {
    /** Names of arguments whose values the rule tells apart; empty if it looks at operations alone. */
    List<String> same();

    /** Whether it is only reported and counted, never refuses. */
    boolean observe();

    /** Where it was written. */
    Position position();

    /** The operations that it names. */
    List<String> operations();

    /** The rule in a few words. */
    String label();

    /** {@code operation} is not sent once {@code after} was sent. */
    record Absence(String operation, String after, List<String> same, boolean observe, Position position)
            implements Rule {
        public Absence {
            same = List.copyOf(same);
        }

        @Override
        public List<String> operations() {
            return List.of(operation, after);
        }

        @Override
        public String label() {
            return "absence: " + operation + ", after: " + after;
        }
    }

    /** {@code before} is not sent until {@code operation} happened. */
    record Precedence(String operation, String before, List<String> same, boolean observe, Position position)
            implements Rule {
        public Precedence {
            same = List.copyOf(same);
        }

        @Override
        public List<String> operations() {
            return List.of(operation, before);
        }

        @Override
        public String label() {
            return "precedence: " + operation + ", before: " + before;
        }
    }

    /**
     * {@code operation} is sent at most so often.
     *
     * @param atMost 1 or more; with {@code withinMillis} at most {@link #MAX_WINDOW}
     * @param withinMillis the length of a sliding window, 1 or more; empty for the whole task
     */
    record Bounded(
            String operation,
            long atMost,
            Optional<Long> withinMillis,
            List<String> same,
            boolean observe,
            Position position)
            implements Rule {
        /** The most calls in one window: each is kept with its time. */
        public static final int MAX_WINDOW = 10_000;

        public Bounded {
            same = List.copyOf(same);
        }

        @Override
        public List<String> operations() {
            return List.of(operation);
        }

        @Override
        public String label() {
            return "bounded: " + operation + ", at-most: " + atMost
                    + withinMillis
                            .map(w -> ", within: " + RuleMonitor.duration(w))
                            .orElse("");
        }
    }
}
