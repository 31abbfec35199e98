package dev.errand.template;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Position;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.limit.Bandwidth;
import dev.errand.limit.TokenBucket;
import dev.errand.sequence.NarrowerPlan;
import dev.errand.sequence.SequenceCompiler;
import dev.errand.sequence.SequencePolicy;
import dev.errand.task.AskPolicy;
import dev.errand.task.Fixed;
import dev.errand.task.FixedArguments;
import dev.errand.task.HumanPolicy;
import dev.errand.task.TaskPolicy;
import dev.errand.token.Sha256;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Parses and compiles one template. Every unknown key or value is a fault with its position and the nearest word.
 * Thread-safe.
 */
public final class TemplateParser {
    /** Every key of a template, including nested ones. */
    public static final Keys KEYS = TemplateKeys.TEMPLATE;

    /** The shape of arguments with constraints, as {@link #constraints} reads them. */
    public static final Keys CONSTRAINTS = TemplateKeys.WHERE;

    private static final Duration MAX_LIFETIME = Duration.ofDays(31);
    private static final Duration DEFAULT_LIFETIME = Duration.ofHours(1);

    private final PlanCompiler plans;
    private final @Nullable String approvals;

    /** A parser whose plans use the response timeout of a route that sets none. */
    public TemplateParser() {
        this(new SequencePlans(SequenceCompiler.DEFAULT_RESPONSE_TIMEOUT));
    }

    public TemplateParser(PlanCompiler plans) {
        this(plans, null);
    }

    /**
     * @param approvals the client at which people sign in to approve if {@code ask.by} names none; null for no such
     *     client
     */
    public TemplateParser(PlanCompiler plans, @Nullable String approvals) {
        this.plans = plans;
        this.approvals = approvals;
    }

    /**
     * Parses the text of a revision that was good when it was stored, without the catalogues of that time. Everything
     * that judges a step is there; only its lines of {@code catalogue:*} wait for {@link Template#spread} (roots carry
     * what those lines granted).
     */
    public Optional<Template> parse(String text) {
        return parse("template", text, null, new Faults());
    }

    /**
     * A template with a narrower plan in the place of its own, or why there is none.
     *
     * @param steps the plan's steps, as JSON
     */
    public Narrowed narrowed(Template template, String steps) {
        Faults faults = new Faults();
        YamlNode plan = Yaml.parse("sequence", steps, faults);
        if (plan == null || !(Yaml.parse("template", template.text(), faults) instanceof YamlMap map)) {
            return new Narrowed.Refused("sequence is not valid: it must be a list of steps");
        }
        NarrowerPlan.Result result =
                plans.narrowed(plan, map, template.enforced().sequence());
        return result instanceof NarrowerPlan.Result.Accepted accepted
                ? new Narrowed.Accepted(template.narrowed(accepted.policy()))
                : new Narrowed.Refused(((NarrowerPlan.Result.Refused) result).why());
    }

    /** The outcome of {@link #narrowed}. */
    public sealed interface Narrowed {
        /** The template, whose policies have the narrower plan. */
        record Accepted(Template template) implements Narrowed {}

        record Refused(String why) implements Narrowed {}
    }

    /**
     * Parses a template and looks up its operations.
     *
     * @param file the file's name for messages
     * @param operations the operations that it may name, or null to leave them unchecked
     * @param faults every fault found is added
     * @return the template if there was no fault
     */
    public Optional<Template> parse(String file, String text, @Nullable OperationDirectory operations, Faults faults) {
        int before = faults.count();
        YamlNode node = Yaml.parse(file, text, faults);
        YamlMap map = node == null ? null : node.map(faults);
        if (map == null) {
            return Optional.empty();
        }
        map.unknownKeys(faults, KEYS);
        String name = map.requiredString("template", faults);
        if (name != null && !name.matches(TemplateKeys.NAME)) {
            YamlNode at = map.optional("template");
            faults.add(
                    at == null ? map.at() : at.at(),
                    "a template's name is a letter or digit, then letters, digits, '.', '_' or '-', at most 64");
        }
        boolean candidate = TemplateLoader.CandidateFile.check(file, map, faults);
        PolicyParser policies = new PolicyParser(operations, faults);
        AdmissionParser admissions = new AdmissionParser(policies, faults);
        Admission admission = admissions.parse(map);
        DelegationLimits delegation = admissions.delegation(map);
        GrantParser granting = new GrantParser(operations, faults);
        GrantTemplate grants = granting.parse(map);
        FixedArguments ofTemplate = granting.fixed(by -> by == FixedArguments.By.TEMPLATE);
        HumanPolicy humans = admission.humans();
        Fixed fixed = new Fixed(
                humans.consents() ? granting.fixed(counting(humans)) : ofTemplate,
                ofTemplate,
                new FlowSources(operations, faults).parse(map));
        CallLimits limits = policies.limits(map);
        String revision = Sha256.labelOf(text);
        SequencePolicy sequence = plans.compile(map, operations, faults);
        Duration lifetime = map.duration("lifetime", DEFAULT_LIFETIME, Duration.ofSeconds(1), MAX_LIFETIME, faults);
        String description = map.string("description", faults);
        TaskPolicy.Reactions reactions = policies.reactions(map);
        AskPolicy ask = new AskParser(policies, approvals, faults).parse(map, reactions, grants.always());
        TaskPolicy.Cut cut = policies.cut(map);
        TaskPolicy.Flow flow = policies.flow(map);
        StreamLimits streams = policies.streams(map);
        if (faults.count() > before || name == null || sequence == null) {
            return Optional.empty();
        }
        return Optional.of(new Template(
                name,
                description,
                text,
                revision,
                admission,
                lifetime,
                delegation,
                grants,
                limits,
                policy(name, revision, limits, sequence, reactions, cut, flow, false, ask, fixed),
                policy(name, revision, limits, sequence, reactions, cut, flow, true, ask, fixed),
                streams,
                candidate));
    }

    /**
     * Reads a map of argument names to constraints, as {@code allow} has them, into the form of tokens. Faults are added.
     */
    public static JsonObject constraints(YamlMap arguments, Faults faults) {
        return new ConstraintShorthand(Map.of(), faults).arguments(arguments);
    }

    /** Whether a catalogue has the operation; otherwise adds a fault with the nearest ids. */
    public static boolean isKnown(OperationDirectory operations, Position at, String id, Faults faults) {
        return GrantParser.known(operations, at, id, faults);
    }

    /** Adds a fault, with the nearest name, if no call of the operation can have the argument. */
    public static void argument(OperationDirectory operations, Position at, String argument, String id, Faults faults) {
        GrantParser.argument(operations, at, argument, List.of(id), id, faults);
    }

    /** Who counts as fixing an argument under a template that requires this consent of humans. */
    private static Predicate<FixedArguments.By> counting(HumanPolicy humans) {
        return by -> by == FixedArguments.By.TEMPLATE
                || (by == FixedArguments.By.PINNED && humans.consents())
                || (by == FixedArguments.By.PARAMETER && humans.consentTask());
    }

    private static TaskPolicy policy(
            String name,
            String revision,
            CallLimits limits,
            SequencePolicy sequence,
            TaskPolicy.Reactions reactions,
            TaskPolicy.Cut cut,
            TaskPolicy.Flow flow,
            boolean observe,
            @Nullable AskPolicy ask,
            Fixed fixed) {
        return new TaskPolicy(
                name,
                revision,
                TokenBucket.compile(limits.task()),
                compiled(limits.operations()),
                limits.calls(),
                sequence,
                reactions,
                cut,
                flow,
                observe,
                ask,
                fixed,
                null,
                null);
    }

    private static Map<String, List<TokenBucket>> compiled(Map<String, List<Bandwidth>> operations) {
        return operations.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, limits -> TokenBucket.compile(limits.getValue())));
    }
}
