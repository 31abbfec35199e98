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

/** The keys of a file in {@code DIR/tests}. */
public final class ScenarioKeys {
    static final int LEAST_STATUS = 100;
    static final int LARGEST_STATUS = 599;
    static final String UNKNOWN = "unknown";
    static final String REFUSE = "refuse";
    static final String OFFER = "offer";
    static final String CHILD = "child-[1-9][0-9]{0,2}";
    static final String METHOD = "[A-Z][A-Z-]{0,31}";
    static final String FIELD = "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}";
    private static final Shape STATUS = whole(LEAST_STATUS, LARGEST_STATUS);

    static final Keys ANSWER = Keys.of(
            "answer",
            required("status", STATUS, "The status."),
            optional(
                    "body",
                    Shape.Simple.ANYTHING,
                    "The body, as YAML or as a text of JSON. Rules look at its values under `returns`."));

    static final Keys REQUEST = Keys.of(
            "request",
            required("method", text(METHOD), "The method, in upper case."),
            required("path", text("/.*"), "Path and query as the client sends them to the gateway."),
            optional(
                    "headers",
                    Keys.of("headers").others(either(text(), some(text()))),
                    "Its header fields, without those that prove who calls."),
            optional("body", Shape.Simple.ANYTHING, "The body: a text as it is, anything else as JSON."));

    static final Keys CALL = Keys.of(
            "call",
            optional("call", text(), "The operation's id with its catalogue, such as vault:kv.read; or `request`."),
            optional("request", REQUEST, "The request that the call is. Route and catalogue name its operations."),
            optional("operation", text(), "The operation that the request must be, beside `request`."),
            optional("resource", text(), "The resource of the call."),
            optional("arguments", Keys.of("arguments").others(Shape.Simple.ANYTHING), "Its other arguments."),
            optional(
                            "answers",
                            either(STATUS, words(UNKNOWN), ANSWER),
                            "What the upstream answers if the call passes. `unknown`: no answer comes, and the outcome is unknown.")
                    .or("200"),
            optional("after", duration(), "How long after the previous call.").or("0s"),
            optional(
                    "by",
                    text(CHILD),
                    "Who calls: child-N is a child of the root with all of its grants. If left out, the root calls."),
            optional("expect", text(), "permit, or the code of the refusal.").or("permit"),
            optional(
                    "approve",
                    either(Shape.Simple.YES, words(OFFER, REFUSE)),
                    "What a human decides about the call: true lets it pass; offer lets the other calls of its offer pass, too; refuse"
                            + " refuses the next such call, too."));

    static final Keys INSTRUCTION = Keys.of(
            "instruction",
            optional("source", words("human", "agent", "document", "tool"), "Who or what instructed the agent."),
            optional("ref", text(), "Where the instruction is found."),
            optional("digest", text(), "sha-256: and the digest of the instruction's text."),
            optional(
                    "integrity",
                    words("trusted", "untrusted"),
                    "trusted: the human's own token vouches for the instruction by its digest. If left out, the template"
                            + " decides by `instruction: {trust: agent}`."));

    /** The keys of one scenario. */
    public static final Keys SCENARIO = Keys.of(
            "scenario",
            required("template", text(), "The name of the template."),
            optional(
                    "parameters",
                    Keys.of("parameters").others(either(Shape.Simple.SCALAR, Shape.list(Shape.Simple.SCALAR))),
                    "The task's parameters."),
            optional(
                    "pinned",
                    Keys.of("pinned").others(Keys.of("values").others(Shape.Simple.ANYTHING)),
                    "The values that the start gives to pinned arguments, by operation and name: a value or a list."),
            optional("instruction", INSTRUCTION, "What the task says of its instruction."),
            required("calls", some(CALL), "The calls, in their order."));

    private ScenarioKeys() {}
}
