package dev.errand.template;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Keys.required;
import static dev.errand.config.Shape.Simple.FLAG;
import static dev.errand.config.Shape.Simple.NUMBER;
import static dev.errand.config.Shape.Simple.SCALAR;
import static dev.errand.config.Shape.Simple.YES;
import static dev.errand.config.Shape.duration;
import static dev.errand.config.Shape.either;
import static dev.errand.config.Shape.later;
import static dev.errand.config.Shape.list;
import static dev.errand.config.Shape.some;
import static dev.errand.config.Shape.text;
import static dev.errand.config.Shape.whole;
import static dev.errand.config.Shape.words;

import dev.errand.config.Keys;
import dev.errand.config.Shape;
import dev.errand.operation.Choice;
import dev.errand.sequence.SequenceKeys;
import dev.errand.task.AskPolicy;
import dev.errand.task.Offer;
import dev.errand.task.TaskPolicy.Cut;
import dev.errand.task.TaskPolicy.Flow;
import dev.errand.token.ParameterValue;

/** The keys of a template. */
final class TemplateKeys {
    /** The pattern of a template's name. */
    static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

    /** The pattern of a parameter's name. */
    static final String PARAMETER = "[A-Za-z][A-Za-z0-9_-]{0,63}";

    /** The most buckets in one list. */
    static final int MAX_LIMITS = 8;

    private static final Shape UNLESS_THROTTLED = words("deny", "interrupt");
    private static final Shape OR_ASKED = words("deny", "interrupt", "ask");

    static final Keys BUCKET = Keys.of(
            "bucket",
            required("capacity", whole(1, PolicyParser.MAX_INTEGER), "How much a full bucket holds."),
            required(
                    "per",
                    duration(),
                    "The time in which an empty bucket fills evenly, in whole seconds: 10s, 1m, 1h."));
    static final Keys LIMIT = BUCKET.with(
            "limit",
            optional("observe", FLAG, "The limit is decided and recorded, but not enforced.")
                    .or("false"));
    private static final Shape LIMIT_LIST = new Shape.Items(LIMIT, 0, MAX_LIMITS);

    static final Keys CONSENT = Keys.of(
            "consent",
            required("claim", text(), "The claim of the human's token that holds the digest of the pinned values."));
    static final Keys HUMANS = Keys.of(
            "humans",
            optional("claim", text(), "The claim of the human's token that is checked; `any` stands beside it."),
            optional("any", either(text(), some(text())), "The claim must have one of these values."),
            optional("issuer", text(), "Only humans of this identity provider may."),
            optional(
                    "where",
                    Keys.of("where").others(either(text(), some(text()))),
                    "Further claims of the human's token. Each must have one of its values."),
            optional(
                    "consent",
                    either(words("task"), CONSENT),
                    "`task`: the human's own token must name this task and the digest of pinned values. Else: the claim"
                            + " that holds this digest."));
    static final Keys STARTS = Keys.of(
            "starts",
            optional("active", whole(1, AdmissionParser.MAX_ACTIVE), "How many tasks may run at a time."),
            optional("limit", BUCKET, "How often a task may be started."));
    static final Keys START = Keys.of(
            "start",
            optional("acr", either(text(), some(text())), "The human's sign-in must have one of these `acr` values."),
            optional("max-age", duration(), "How long ago the human may have signed in; 0s if left out: a new sign-in.")
                    .or("0s"),
            optional("named", FLAG, "The agent's request must name its human (`human`).")
                    .or("false"),
            optional(
                            "confirm",
                            words("code", "none"),
                            "`code`: the human types the second half of the code that the agent shows. `none`: a click is enough.")
                    .or("code"));
    static final Keys STANDING = Keys.of(
            "standing",
            required("runs", whole(1, AdmissionParser.MAX_RUNS), "How many runs a human may allow at once."),
            required("within", duration(), "How long after the consent the last run may start, at most 366d."),
            optional("at-once", whole(1, AdmissionParser.MAX_AT_ONCE), "How many runs may be active at a time.")
                    .or("1"));
    static final Keys DELEGATION = Keys.of(
            "delegation",
            optional(
                            "max-depth",
                            whole(0, DelegationLimits.MAX_DEPTH),
                            "How many levels of tokens may be derived below the root; 0 if left out.")
                    .or("0"),
            optional(
                    "max-children",
                    whole(0, PolicyParser.MAX_INTEGER),
                    "How many tokens may be derived directly from one token. Any number if left out."));
    static final Keys INSTRUCTION = Keys.of(
            "instruction",
            optional("require", FLAG, "A task must name its instruction.").or("false"),
            optional("trust", words("agent"), "`agent`: the gateway trusts what the agent says of its instruction."));

    static final Keys RANGE = Keys.of(
            "range",
            optional("min", NUMBER, "The least value."),
            optional("max", NUMBER, "The largest value."),
            optional("min_inclusive", FLAG, "Whether the least value itself is allowed; true if left out.")
                    .or("true"),
            optional("max_inclusive", FLAG, "Whether the largest value itself is allowed; true if left out.")
                    .or("true"));

    /** A value of an argument, which may also be a list, such as that of a repeated query key. */
    private static final Shape VALUE = either(SCALAR, list(SCALAR));

    /** All values of a list parameter. */
    private static final Shape WHOLE_LIST = text("\\{" + PARAMETER + "\\}");

    /** A constraint inside another one. */
    static final Keys CLAUSE = Keys.of(
                    "clause",
                    optional("exact", SCALAR, "Exactly this value."),
                    optional(
                            "one_of",
                            either(some(VALUE), WHOLE_LIST),
                            "One of these values. A list among them is for an argument that is this list."),
                    optional("not_one_of", either(list(VALUE), WHOLE_LIST), "None of these values."),
                    optional("range", RANGE, "A number between two bounds."),
                    optional("contains", list(SCALAR), "A list that contains all of these."),
                    optional("subset", either(list(SCALAR), WHOLE_LIST), "A list that contains only these."),
                    optional("wildcard", YES, "Any value."),
                    optional("all", some(later(() -> TemplateKeys.CLAUSE)), "All of these constraints."),
                    optional("any", some(later(() -> TemplateKeys.CLAUSE)), "At least one of these constraints."),
                    optional("path_containment", text(), "This path or one below it, also with a slash at its end."))
            .oneAtATime();

    /** The shape of a map of arguments with constraints. */
    static final Keys WHERE = Keys.of("where").others(CLAUSE);

    private static final String ELSE =
            "`ask`: a start need not fix the argument, and a human is asked about each value that it did not fix.";

    private static final Keys CONSTRAINT = CLAUSE.with(
                    "constraint",
                    optional(
                            "pinned",
                            either(
                                    YES,
                                    Keys.of("pinned-or-asked", required("else", words("ask"), ELSE)),
                                    CLAUSE.with("pinned-value", optional("else", words("ask"), ELSE))),
                            "Each start must fix the argument to values, within the given constraint."))
            .oneAtATime()
            .with(
                    "constraint",
                    optional("optional", FLAG, "The argument may be absent.").or("false"));

    /** The keys of {@code offer} under {@code ask} on a grant. */
    static final Keys OFFER = Keys.of(
            "offer",
            required("calls", whole(1, Offer.MOST), "How many calls pass if people approve them at once."),
            required(
                    "fixed",
                    some(text()),
                    "The arguments whose values are the same in all these calls. The others may differ, within the grant."),
            optional("task", FLAG, "The calls may come until the task ends, not only until the request ends.")
                    .or("false"));

    /** The keys of {@code ask} on a grant. */
    static final Keys ASKED = Keys.of(
            "asked",
            optional(
                    "unless",
                    Keys.of("unless")
                            .others(CLAUSE.with(
                                    "condition",
                                    optional("optional", FLAG, "The argument may be absent.")
                                            .or("false"))),
                    "Calls whose arguments satisfy all of these constraints pass without a human. Other arguments do not"
                            + " matter."),
            optional(
                    "offer",
                    OFFER,
                    "A human may approve several calls by one answer. Not for operations that delete or administer."));

    private static final Keys.Key ASKING = optional(
            "ask",
            either(words("always"), ASKED),
            "`always`: a human is asked about every such call. `{unless: …}`: about every call that does not satisfy it."
                    + " `{offer: …}`: about every such call, and once for several.");

    private static final Keys ALLOW = Keys.of("allow")
            .others(
                    ".*:\\*",
                    Keys.of(
                                    "arguments-by-effect",
                                    required(
                                            "effects",
                                            list(words(Choice.EFFECTS.keySet())),
                                            "Grants all reviewed operations of the catalogue that have one of these effects."),
                                    ASKING)
                            .others(CONSTRAINT))
            .others(
                    "(?!.*:\\*$)" + SequenceKeys.OPERATION_ID,
                    Keys.of("arguments", ASKING).others(CONSTRAINT));

    static final Keys LIMITS = Keys.of(
            "limits",
            optional("task", LIMIT_LIST, "Token buckets for all calls of the task."),
            optional(
                    "operations",
                    Keys.of("limits-by-operation").others(SequenceKeys.OPERATION_ID, LIMIT_LIST),
                    "Token buckets for the calls of one operation."),
            optional("calls", whole(1, PolicyParser.MAX_INTEGER), "How many calls the whole task may make."));
    static final Keys REPEATED = Keys.of(
            "repeated",
            required(
                    "denials",
                    whole(1, PolicyParser.MAX_DENIALS),
                    "How many denials. Those of the same operation and code within 2 s count once."),
            required("within", duration(), "Within how long a time."),
            optional(
                            "then",
                            UNLESS_THROTTLED,
                            "What follows: `interrupt` (the default) ends what `cut` names, `deny` does nothing more.")
                    .or("interrupt"));
    static final Keys ON_VIOLATION = Keys.of(
            "on-violation",
            optional("sequence", OR_ASKED, "After a violation of the plan; interrupt if left out.")
                    .or("interrupt"),
            optional("rule", OR_ASKED, "After a violation of a rule; interrupt if left out.")
                    .or("interrupt"),
            optional("flow", OR_ASKED, "After a violation of the flow; deny if left out.")
                    .or("deny"),
            optional(
                            "limit",
                            words("deny", "throttle", "interrupt"),
                            "After a call that exceeds a limit; throttle if left out.")
                    .or("throttle"),
            optional("not-granted", UNLESS_THROTTLED, "After a call that is not granted; deny if left out.")
                    .or("deny"),
            optional("repeated", REPEATED, "After repeated denials of any kind.")
                    .or("{denials: 5, within: 60s, then: interrupt}"));
    static final Keys BY = Keys.of(
            "by",
            optional("claim", text(), "The claim of the human's token that is checked; `any` stands beside it."),
            optional("any", either(text(), some(text())), "The claim must have one of these values."),
            optional("issuer", text(), "Only humans of this identity provider may."),
            optional(
                    "clients",
                    either(text(), some(text())),
                    "The clients at which people sign in to approve (`azp` or `client_id`). None of them may start tasks. If left"
                            + " out: that of `errand.console.login`."),
            optional("acr", either(text(), some(text())), "The sign-in must have one of these `acr` values."),
            optional("max-age", duration(), "The human must have signed in within this time (`auth_time`)."),
            optional("fresh", FLAG, "The human must have signed in after the request.")
                    .or("false"),
            optional(
                    "not-starter",
                    FLAG,
                    "The human who started the task may not approve. If left out: true if `quorum` is more than 1."));
    static final Keys ASK = Keys.of(
            "ask",
            required("by", BY, "Who may approve."),
            optional("quorum", whole(1, AskParser.MAX_QUORUM), "How many people must approve.")
                    .or("1"),
            optional("within", duration(), "How long a request is open. Its approval ends with it.")
                    .or("10m"),
            optional(
                            "pending",
                            whole(1, AskPolicy.MAX_PENDING),
                            "How many requests of a task may be open, or approved and not yet used.")
                    .or("4"),
            optional(
                            "limit",
                            BUCKET,
                            "How many requests a human's tasks may open, under all templates with this limit.")
                    .or("{capacity: 20, per: 1h}"),
            optional("refused", UNLESS_THROTTLED, "What the same call brings after a human refused it.")
                    .or("deny"));
    static final Keys STREAMS = Keys.of(
            "streams",
            optional(
                            "max",
                            whole(0, PolicyParser.MAX_STREAMS),
                            "How many streams may be open at a time, on each replica.")
                    .or("8"),
            optional("each", duration(), "How long each stream may last.").or("30m"));

    static final Keys LIST_PARAMETER = Keys.of(
            "list-parameter",
            required("list", text(), "The pattern of each value (RE2, anchored). In `allow` write one_of: \"{name}\"."),
            optional("max", whole(1, ParameterValue.MAX_VALUES), "How many values a start may give.")
                    .or("64"));

    static final Keys TEMPLATE = Keys.of(
            "template",
            required("template", text(NAME), "The template's name. A start names the template by it."),
            optional(
                    "candidate",
                    YES,
                    "The file is judged beside the template of this name, and never enforced. Its name is `*.candidate.yaml`."),
            optional("description", text(), "The purpose of such a task."),
            required(
                    "agents",
                    either(text(), some(text())),
                    "SPIFFE IDs of the agents that may get such a task; `*` stands for text within one path segment."),
            required("humans", HUMANS, "Who may authorise such a task."),
            optional(
                    "starts",
                    STARTS,
                    "How many tasks each human and agent may have, and how often they may start one."),
            optional("start", START, "What a human must do to allow such a task at the page of this gateway."),
            optional("standing", STANDING, "How many runs a human may allow at once; one if left out."),
            optional("lifetime", duration(), "The longest time that a task lasts; 1h if left out.")
                    .or("1h"),
            optional("delegation", DELEGATION, "How far tokens may be derived."),
            optional(
                    "parameters",
                    Keys.of("parameters").others(PARAMETER, either(text(), LIST_PARAMETER)),
                    "The values that a start must give, each with its pattern (RE2, anchored). In `allow` write {name}."),
            required(
                    "allow",
                    ALLOW,
                    "The granted operations, each with constraints on its arguments; {} allows any arguments."),
            optional("limits", LIMITS, "How often and how much the task may call."),
            optional(
                    "sequence",
                    SequenceKeys.SEQUENCE,
                    "The plan: operations in their order. If left out, any order is allowed."),
            optional(
                    "interleave",
                    SequenceKeys.INTERLEAVE,
                    "Operations that may be called at any time and do not move the plan."),
            optional("rules", SequenceKeys.RULES, "Rules that hold beside the plan."),
            optional("on-violation", ON_VIOLATION, "What follows a violation: deny, throttle, interrupt or ask."),
            optional("ask", ASK, "Who is asked, where `on-violation` or a grant says `ask`."),
            optional(
                            "cut",
                            words(Choice.words(Cut.values()).keySet()),
                            "What an interruption ends: the caller's token and all tokens below it (subtree, the default), or the task.")
                    .or("subtree"),
            optional("instruction", INSTRUCTION, "What a task must say of the source of its instruction."),
            optional("streams", STREAMS, "Bounds of answers that last."),
            optional(
                            "flow",
                            words(Choice.words(Flow.values()).keySet()),
                            "What untrusted content does to operations that need a trusted task; off if left out.")
                    .or("off"),
            optional(
                    FlowSources.KEY,
                    Keys.of(FlowSources.KEY)
                            .others(
                                    SequenceKeys.OPERATION_ID,
                                    Keys.of("flow-sources")
                                            .others(either(text(FlowSources.SOURCE), some(text(FlowSources.SOURCE))))),
                    "Arguments that count as fixed if their value is one that a trusted answer gave: the operation that gave it, a colon, a space, and the name under its `returns`."));

    private TemplateKeys() {}
}
