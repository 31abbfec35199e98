package dev.errand.sequence.rule;

import static dev.errand.config.Keys.required;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code before} may be sent only if the last call that happened was {@code operation}. State: the values of that
 * call's operations; none if the last call was another one.
 */
record Previous(String operation, String before, List<String> same, boolean observe, Position position)
        implements Rule {
    /** The kind {@code previous}. */
    static final RuleKind KIND = new Kind();

    public Previous {
        same = List.copyOf(same);
    }

    @Override
    public List<String> operations() {
        return List.of(operation, before);
    }

    @Override
    public RuleTerms terms() {
        return RuleTerms.of("previous");
    }

    @Override
    public String label() {
        return "previous: " + operation + ", before: " + before;
    }

    @Override
    public boolean looksAtAll() {
        return true;
    }

    @Override
    public String wanted() {
        return "`" + before + "` may be called only right behind a `" + operation + "` that succeeded";
    }

    @Override
    public RuleMonitor monitor(Vocabulary vocabulary) {
        return new PreviousMonitor(
                this, OperationKey.of(operation, same, vocabulary), OperationKey.of(before, same, vocabulary));
    }

    /** The kind of this rule. */
    private static final class Kind implements RuleKind {
        private static final Keys KEYS = RuleKeys.of(
                required("previous", RuleKeys.OPERATION, "The operation that must be the last one that happened."),
                required("before", RuleKeys.OPERATION, "The operation that may be called only directly after it."));

        @Override
        public Keys keys() {
            return KEYS;
        }

        @Override
        public @Nullable Rule read(YamlMap map, Common common, Faults faults) {
            String operation = map.requiredString("previous", faults);
            String before = map.requiredString("before", faults);
            if (operation != null && operation.equals(before)) {
                faults.add(
                        map.at("before"),
                        "`" + before + "` cannot come directly after itself: no call could be the first");
                return null;
            }
            return operation == null || before == null
                    ? null
                    : new Previous(operation, before, common.same(), common.observe(), common.position());
        }
    }
}
