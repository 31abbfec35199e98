package dev.errand.sequence.rule;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Keys.required;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Position;
import dev.errand.config.Shape;
import dev.errand.config.YamlMap;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code operation} must not be sent once {@code after} was sent, happened or failed. State: for each value one time,
 * or one count; at most {@link #maxEntries} entries.
 */
record Absence(
        String operation, String after, When when, Within within, List<String> same, boolean observe, Position position)
        implements Rule {
    /** The kind {@code absence}. */
    static final RuleKind KIND = new Kind();

    private static final int MAX_TIMES = 385;

    /** The event of {@code after} that forbids {@code operation} from then on. */
    enum When {
        /** The call is sent. It does not count if no byte of it was sent. */
        SENT("was called"),
        /** The upstream answers below 400. */
        HAPPENED("succeeded"),
        /** The upstream answers 400 or more, or never. */
        FAILED("failed");

        final String words;

        When(String words) {
            this.words = words;
        }

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Absence {
        same = List.copyOf(same);
    }

    @Override
    public List<String> operations() {
        return List.of(operation, after);
    }

    @Override
    public Rule untimed() {
        return new Absence(operation, after, when, Within.TASK, same, observe, position);
    }

    @Override
    public RuleTerms terms() {
        return new RuleTerms("absence", within.millis(), Long.MAX_VALUE, null, when.wire(), false);
    }

    @Override
    public String label() {
        return "absence: " + operation + ", after: " + after + (when == When.SENT ? "" : ", when: " + when.wire())
                + within.label();
    }

    /** With a window, a value keeps its newest time and the times of calls that may still be given back. */
    @Override
    public int maxEntries() {
        return when == When.SENT && !within.isTask() && same.isEmpty() ? MAX_TIMES : Rule.super.maxEntries();
    }

    @Override
    public String wanted() {
        return "`" + operation + "` may not be called" + (within.isTask() ? " once `" : within.words() + " after `")
                + after + "` " + when.words;
    }

    @Override
    public RuleMonitor monitor(Vocabulary vocabulary) {
        OperationKey refused = OperationKey.of(operation, same, vocabulary);
        OperationKey cause = OperationKey.of(after, same, vocabulary);
        return when == When.SENT
                ? new AbsenceMonitor(this, refused, cause)
                : new AbsenceOfOutcomeMonitor(this, refused, cause);
    }

    /** The kind of this rule. */
    private static final class Kind implements RuleKind {
        private static final Keys KEYS = RuleKeys.of(
                required("absence", RuleKeys.OPERATION, "The operation that may not be called any more."),
                required("after", RuleKeys.OPERATION, "After this operation was sent, happened or failed."),
                optional(
                                "when",
                                Shape.words(Arrays.stream(When.values())
                                        .map(When::wire)
                                        .toList()),
                                "Which of the three counts. `failed` is an answer of 400 or more or, for a call that only reads, no answer.")
                        .or("sent"),
                Within.key("For how long; for the rest of the task if left out."));

        @Override
        public Keys keys() {
            return KEYS;
        }

        @Override
        public @Nullable Rule read(YamlMap map, Common common, Faults faults) {
            int before = faults.count();
            String operation = map.requiredString("absence", faults);
            String after = map.requiredString("after", faults);
            String word = map.string("when", faults);
            When when = When.SENT;
            for (When each : When.values()) {
                when = each.wire().equals(word) ? each : when;
            }
            if (word != null && !when.wire().equals(word)) {
                faults.add(map.at("when"), "'" + word + "' is no `when`: write sent, happened or failed");
            }
            Within within = Within.read(map, faults);
            return operation == null || after == null || faults.count() > before
                    ? null
                    : new Absence(operation, after, when, within, common.same(), common.observe(), common.position());
        }
    }
}
