package dev.errand.sequence.rule;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Shape.Simple.FLAG;
import static dev.errand.config.Shape.either;
import static dev.errand.config.Shape.some;
import static dev.errand.config.Shape.text;
import static dev.errand.config.Shape.words;

import dev.errand.config.Keys;
import dev.errand.config.Keys.Key;
import dev.errand.config.Shape;
import java.util.Arrays;
import java.util.stream.Stream;

/** The keys that rules of all kinds have. */
public final class RuleKeys {
    /** The pattern of an operation id. */
    public static final String OPERATION_ID = "[^:]+:.+";

    /** The shape of a value that names an operation, which must be in a catalogue. */
    public static final Shape OPERATION = text(OPERATION_ID);

    /** The shape of a value that maps an operation to the name of a value in its answers, or of an argument. */
    public static final Shape VALUE_OF = Keys.of("value-of").others(OPERATION_ID, text());

    /** The key of conditions of an answer, by the name of a value. */
    public static final String WHERE = "where";

    /** The key of several such maps. */
    public static final String ANY = "any";

    private static final Key SAME = optional(
            "same",
            either(text(), some(text())),
            "Arguments, such as resource. The rule counts each of their values by itself.");
    private static final Key OBSERVE = optional("observe", FLAG, "The rule is decided and recorded, but not enforced.")
            .or("false");

    /** The key of a rule's own reaction. */
    public static final String REACTION = "on-violation";

    private static final Key OWN_REACTION = optional(
            REACTION,
            words("deny", "interrupt", "ask"),
            "What a violation of this rule leads to; as `on-violation: {rule: …}` of the template if left out.");

    private RuleKeys() {}

    /** The keys of a kind that does not distinguish values. */
    public static Keys withoutSame(Key... own) {
        return Keys.of(
                own[0].name(),
                Stream.concat(Arrays.stream(own), Stream.of(OBSERVE, OWN_REACTION))
                        .toArray(Key[]::new));
    }

    /** The keys of a kind: its own, then the common ones. Its first key is the name of the kind. */
    public static Keys of(Key... own) {
        return Keys.of(
                own[0].name(),
                Stream.concat(Arrays.stream(own), Stream.of(SAME, OBSERVE, OWN_REACTION))
                        .toArray(Key[]::new));
    }
}
