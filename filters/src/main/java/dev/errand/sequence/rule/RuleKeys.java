package dev.errand.sequence.rule;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Shape.Simple.FLAG;
import static dev.errand.config.Shape.either;
import static dev.errand.config.Shape.some;
import static dev.errand.config.Shape.text;

import dev.errand.config.Keys;
import dev.errand.config.Keys.Key;
import dev.errand.config.Shape;
import java.util.Arrays;
import java.util.stream.Stream;

/** The keys that rules of every kind have. */
public final class RuleKeys {
    /** How an operation is written. */
    public static final String OPERATION_ID = "[^:]+:.+";

    /** The shape of a value that names an operation: the operation is looked for in the catalogues. */
    public static final Shape OPERATION = text(OPERATION_ID);

    /** The shape of a value that names a value of an operation: its name in the answers, or the argument. */
    public static final Shape VALUE_OF = Keys.of("value-of").others(OPERATION_ID, text());

    private static final Key SAME = optional(
            "same",
            either(text(), some(text())),
            "Arguments, such as resource. The rule counts each of their values by itself.");
    private static final Key OBSERVE = optional("observe", FLAG, "The rule is decided and recorded, but not enforced.")
            .or("false");

    private RuleKeys() {}

    /** The keys of a kind that tells no values apart. */
    public static Keys withoutSame(Key... own) {
        return Keys.of(
                own[0].name(),
                Stream.concat(Arrays.stream(own), Stream.of(OBSERVE)).toArray(Key[]::new));
    }

    /** The keys of a kind: its own, then the common ones. The first of its own is the name of the kind. */
    public static Keys of(Key... own) {
        return Keys.of(
                own[0].name(),
                Stream.concat(Arrays.stream(own), Stream.of(SAME, OBSERVE)).toArray(Key[]::new));
    }
}
