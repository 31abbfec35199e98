package dev.errand.sequence.rule;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Position;
import dev.errand.config.Shape;
import dev.errand.config.YamlMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A kind of rule: its keys in a template, and how such a rule is read. A new kind needs one line in {@code RuleKinds}.
 *
 * @param keys made by {@link RuleKeys#of}; the first is the kind's name
 * @param reader reads a rule of this kind, whose keys were checked before
 */
public record RuleKind(Keys keys, Reader reader) {
    /** Reads a rule; null after a fault. */
    @FunctionalInterface
    public interface Reader {
        @Nullable Rule read(YamlMap map, Common common, Faults faults);
    }

    /** The name of the kind: the key that distinguishes its rules from those of other kinds. */
    public String name() {
        return keys.name();
    }

    /** The keys whose value is an operation id. */
    public Set<String> operationKeys() {
        return keys(RuleKeys.OPERATION);
    }

    /** The keys whose value is a map with operation ids as keys. */
    public Set<String> valueKeys() {
        return keys(RuleKeys.VALUE_OF);
    }

    private Set<String> keys(Shape shape) {
        return keys.list().stream()
                .filter(key -> key.shape() == shape)
                .map(Keys.Key::name)
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * The parts that every rule has: the arguments under {@code same}, {@code observe}, and its position in the file.
     */
    public record Common(List<String> same, boolean observe, Position position) {
        public Common {
            same = List.copyOf(same);
        }
    }
}
