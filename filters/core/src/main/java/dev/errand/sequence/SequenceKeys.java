package dev.errand.sequence;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Keys.required;
import static dev.errand.config.Shape.either;
import static dev.errand.config.Shape.later;
import static dev.errand.config.Shape.list;
import static dev.errand.config.Shape.some;
import static dev.errand.config.Shape.text;
import static dev.errand.config.Shape.whole;
import static dev.errand.config.Shape.words;

import dev.errand.config.Keys;
import dev.errand.config.Shape;
import dev.errand.sequence.rule.RuleKeys;
import dev.errand.sequence.rule.RuleKinds;

/** The keys of a template's {@code sequence}, {@code interleave} and {@code rules}. */
public final class SequenceKeys {
    /** The pattern of an operation id. */
    public static final String OPERATION_ID = RuleKeys.OPERATION_ID;

    /** The pattern of a count that {@link SequenceParser} reads. */
    static final String COUNT = "(0|[1-9][0-9]{0,6})";

    private static final Shape TIMES =
            either(whole(1, SequenceParser.MAX_TIMES), text(COUNT + "(\\.\\.(\\*|" + COUNT + "))?|\\?"));
    private static final String HOW_OFTEN = "How often: N, N..M, N..* or \"?\" (none or one).";
    private static final Shape OPERATION = RuleKeys.OPERATION;

    static final Keys DETAIL = Keys.of(
            "step-detail",
            optional("times", TIMES, HOW_OFTEN).or("1"),
            optional(
                    "outcome",
                    words("sent"),
                    "`sent`: the step counts when its last byte was handed to the connection, or the answer began. Without it: when its upstream answers below 400."),
            optional(
                    "same",
                    either(text(), some(text())),
                    "Arguments, such as resource: later calls of the step must have the values of its first call."));

    static final Keys ANY = Keys.of("any", required("any", steps(), "One of these steps."));
    static final Keys ALL = Keys.of("all", required("all", steps(), "All of these steps, in any order."));
    static final Keys REPEAT = Keys.of(
            "repeat",
            required("repeat", steps(), "These steps, one after another, several times."),
            required("times", TIMES, HOW_OFTEN));

    private static final Shape STEP =
            either(OPERATION, Keys.of("step").others(OPERATION_ID, either(TIMES, DETAIL)), ANY, ALL, REPEAT);

    /** The value of {@code sequence}. */
    public static final Shape SEQUENCE = some(STEP);
    /** The value of {@code interleave}. */
    public static final Shape INTERLEAVE = list(OPERATION);
    /** The value of {@code rules}. */
    public static final Shape RULES = list(RuleKinds.ALL.shape());

    private SequenceKeys() {}

    private static Shape steps() {
        return some(later(() -> SequenceKeys.STEP));
    }
}
