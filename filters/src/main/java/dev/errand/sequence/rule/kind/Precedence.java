package dev.errand.sequence.rule;

import static dev.errand.config.Keys.required;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import dev.errand.sequence.binding.Vocabulary;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code before} is not sent until {@code operation} happened. */
public record Precedence(String operation, String before, List<String> same, boolean observe, Position position)
        implements Rule {
    /** The kind {@code precedence}. */
    static final RuleKind KIND = new Kind();

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

    @Override
    public RuleMonitor monitor(Vocabulary vocabulary) {
        return new PrecedenceMonitor(
                this, OperationKey.of(operation, same, vocabulary), OperationKey.of(before, same, vocabulary));
    }

    /** The kind of this rule. */
    private static final class Kind implements RuleKind {
        private static final Keys KEYS = RuleKeys.of(
                required("precedence", RuleKeys.OPERATION, "The operation that must have happened."),
                required("before", RuleKeys.OPERATION, "Before this one may be called."));

        @Override
        public Keys keys() {
            return KEYS;
        }

        @Override
        public @Nullable Rule read(YamlMap map, Common common, Faults faults) {
            String operation = map.requiredString("precedence", faults);
            String before = map.requiredString("before", faults);
            if (operation != null && operation.equals(before)) {
                faults.add(
                        map.at("before"),
                        "`" + before + "` cannot come before itself: nothing could ever be the first");
                return null;
            }
            return operation == null || before == null
                    ? null
                    : new Precedence(operation, before, common.same(), common.observe(), common.position());
        }
    }
}
