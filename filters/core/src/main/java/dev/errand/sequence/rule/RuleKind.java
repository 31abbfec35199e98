package dev.errand.sequence.rule;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A kind of rule: its keys in a template, and how such a rule is read. A new kind needs one line in {@code RuleKinds}.
 */
public interface RuleKind {
    /** Its keys, made by {@link RuleKeys#of}; the first is the kind's name. */
    Keys keys();

    /** The name of the kind: the key that distinguishes its rules from those of other kinds. */
    default String name() {
        return keys().name();
    }

    /**
     * Reads a rule of this kind, whose keys were checked before.
     *
     * @return null after a fault
     */
    @Nullable Rule read(YamlMap map, Common common, Faults faults);

    /**
     * The parts that every rule has: the arguments under {@code same}, {@code observe}, and its position in the file.
     */
    record Common(List<String> same, boolean observe, Position position) {
        public Common {
            same = List.copyOf(same);
        }
    }
}
