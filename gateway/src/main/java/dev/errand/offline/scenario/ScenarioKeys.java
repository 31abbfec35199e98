package dev.errand.offline.scenario;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Keys.required;
import static dev.errand.config.Shape.duration;
import static dev.errand.config.Shape.either;
import static dev.errand.config.Shape.some;
import static dev.errand.config.Shape.text;
import static dev.errand.config.Shape.whole;
import static dev.errand.config.Shape.words;

import dev.errand.config.Keys;
import dev.errand.config.Shape;

/** The keys of a file of {@code DIR/tests}. */
public final class ScenarioKeys {
    static final int LEAST_STATUS = 100;
    static final int LARGEST_STATUS = 599;
    static final String CHILD = "child-[1-9][0-9]{0,2}";
    private static final Shape STATUS = whole(LEAST_STATUS, LARGEST_STATUS);

    static final Keys ANSWER = Keys.of(
            "answer",
            required("status", STATUS, "The status."),
            optional(
                    "body",
                    Shape.Simple.ANYTHING,
                    "The body, as YAML or as a text that is JSON: the rule `from` looks at the values under `returns`."));

    static final Keys CALL = Keys.of(
            "call",
            required("call", text(), "The operation's id with its catalogue, such as vault:kv.read."),
            optional("resource", text(), "What it is done to."),
            optional("arguments", Keys.of("arguments").others(Shape.Simple.ANYTHING), "Its other arguments."),
            optional("answers", either(STATUS, ANSWER), "What the upstream answers if the call passes.")
                    .or("200"),
            optional("after", duration(), "How long after the call before.").or("0s"),
            optional("by", text(CHILD), "Who calls: child-N, a child of the root with all that it has; else the root."),
            optional("expect", text(), "permit, or the code of the refusal.").or("permit"));

    static final Keys INSTRUCTION = Keys.of(
            "instruction",
            optional("source", words("human", "agent", "document", "tool"), "Who or what told the agent to act."),
            optional("ref", text(), "Where it is found."),
            optional("digest", text(), "sha-256: and the digest of its text."),
            optional("integrity", words("trusted", "untrusted"), "Whether it may be trusted.")
                    .or("untrusted"));

    /** The keys of one scenario. */
    public static final Keys SCENARIO = Keys.of(
            "scenario",
            required("template", text(), "The name of the template that is tried."),
            optional(
                    "parameters",
                    Keys.of("parameters").others(either(Shape.Simple.SCALAR, Shape.list(Shape.Simple.SCALAR))),
                    "The task's parameters."),
            optional(
                    "pinned",
                    Keys.of("pinned").others(Keys.of("values").others(Shape.Simple.ANYTHING)),
                    "What the start fixes of pinned arguments: a value, or a list of them, by operation and name."),
            optional("instruction", INSTRUCTION, "What the task says of its instruction."),
            required("calls", some(CALL), "The calls, in their order."));

    private ScenarioKeys() {}
}
