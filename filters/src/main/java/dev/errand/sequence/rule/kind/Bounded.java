package dev.errand.sequence.rule;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Keys.required;
import static dev.errand.config.Shape.whole;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Position;
import dev.errand.config.Shape;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.sequence.binding.Vocabulary;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code operation} is sent at most so often.
 *
 * @param atMost 1 or more; with {@code withinMillis} at most {@link #MAX_WINDOW}
 * @param withinMillis the length of a sliding window, 1 or more; empty for the whole task
 */
public record Bounded(
        String operation,
        long atMost,
        Optional<Long> withinMillis,
        List<String> same,
        boolean observe,
        Position position)
        implements Rule {
    /** The most calls in one window: each is kept with its time. */
    public static final int MAX_WINDOW = 10_000;

    /** The kind {@code bounded}. */
    static final RuleKind KIND = new Kind();

    private static final long MAX_COUNT = 1L << 53;
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofDays(366);

    public Bounded {
        if (atMost < 1 || (withinMillis.isPresent() && atMost > MAX_WINDOW)) {
            throw new IllegalArgumentException("at-most must be "
                    + (withinMillis.isPresent() ? "1.." + MAX_WINDOW : "1 or more") + ", was " + atMost);
        }
        same = List.copyOf(same);
    }

    @Override
    public List<String> operations() {
        return List.of(operation);
    }

    @Override
    public String label() {
        return "bounded: " + operation + ", at-most: " + atMost
                + withinMillis.map(millis -> ", within: " + duration(millis)).orElse("");
    }

    @Override
    public RuleMonitor monitor(Vocabulary vocabulary) {
        return new BoundedMonitor(this, OperationKey.of(operation, same, vocabulary));
    }

    /** Milliseconds as a template writes them. */
    static String duration(long millis) {
        if (millis % 3_600_000 == 0) {
            return millis / 3_600_000 + "h";
        } else if (millis % 60_000 == 0) {
            return millis / 60_000 + "m";
        }
        return millis % 1_000 == 0 ? millis / 1_000 + "s" : millis + "ms";
    }

    /** The kind of this rule. */
    private static final class Kind implements RuleKind {
        private static final Keys KEYS = RuleKeys.of(
                required("bounded", RuleKeys.OPERATION, "The operation that is counted when it is sent."),
                required("at-most", whole(1, MAX_COUNT), "How often it may be called."),
                optional("within", Shape.duration(), "In any such time; in the whole task if left out."));

        @Override
        public Keys keys() {
            return KEYS;
        }

        @Override
        public @Nullable Rule read(YamlMap map, Common common, Faults faults) {
            String operation = map.requiredString("bounded", faults);
            YamlNode atMost = map.required("at-most", faults);
            YamlNode within = map.optional("within");
            Duration window = within == null ? null : within.duration(SHORTEST, LONGEST, faults);
            Long most = atMost == null ? null : atMost.integer(1, within == null ? MAX_COUNT : MAX_WINDOW, faults);
            return operation == null || most == null || (within != null && window == null)
                    ? null
                    : new Bounded(
                            operation,
                            most,
                            Optional.ofNullable(window).map(Duration::toMillis),
                            common.same(),
                            common.observe(),
                            common.position());
        }
    }
}
