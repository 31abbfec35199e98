package dev.errand.sequence;

import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An operation that a plan or a rule names, and what it says of the operation's calls. Immutable.
 *
 * @param part what names it
 * @param operation its id
 * @param at where the id is written
 * @param arguments the arguments that the operation must have
 * @param returned the value that its answers must return, or null
 */
public record NamedOperation(
        Part part,
        String operation,
        Position at,
        List<Name> arguments,
        @Nullable Name returned) {
    /** What names operations. */
    public enum Part {
        SEQUENCE,
        INTERLEAVE,
        RULES
    }

    /** A name, and where it is written. */
    public record Name(String text, Position at) {}

    /** An operation with the arguments under {@code same} and {@code of} beside it. */
    static NamedOperation of(Part part, String operation, Position at, @Nullable YamlMap beside, List<String> same) {
        List<Name> arguments = new ArrayList<>();
        if (beside != null) {
            same.forEach(name -> arguments.add(new Name(name, beside.at("same"))));
            YamlNode of = beside.optional("of");
            if (of instanceof YamlScalar counted) {
                arguments.add(new Name(counted.text(), of.at()));
            }
        }
        return new NamedOperation(part, operation, at, arguments, null);
    }
}
