package dev.errand.sequence.rule;

import static dev.errand.config.Keys.required;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import dev.errand.sequence.binding.Vocabulary;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code operation} is not sent once {@code after} was sent. */
public record Absence(String operation, String after, List<String> same, boolean observe, Position position)
        implements Rule {
    /** The kind {@code absence}. */
    static final RuleKind KIND = new Kind();

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

    @Override
    public RuleMonitor monitor(Vocabulary vocabulary) {
        return new AbsenceMonitor(
                this, OperationKey.of(operation, same, vocabulary), OperationKey.of(after, same, vocabulary));
    }

    /** The kind of this rule. */
    private static final class Kind implements RuleKind {
        private static final Keys KEYS = RuleKeys.of(
                required("absence", RuleKeys.OPERATION, "The operation that must not be called any more."),
                required("after", RuleKeys.OPERATION, "Once this one was sent."));

        @Override
        public Keys keys() {
            return KEYS;
        }

        @Override
        public @Nullable Rule read(YamlMap map, Common common, Faults faults) {
            String operation = map.requiredString("absence", faults);
            String after = map.requiredString("after", faults);
            return operation == null || after == null
                    ? null
                    : new Absence(operation, after, common.same(), common.observe(), common.position());
        }
    }
}
