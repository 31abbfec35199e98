package dev.errand.offline.scenario;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.jose.ProofClaim;
import dev.errand.json.DidYouMean;
import dev.errand.json.Folding;
import dev.errand.json.JsonValue;
import dev.errand.offline.story.TemplateLines;
import dev.errand.operation.AnswerPlace;
import dev.errand.operation.GrantDecision;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.Resolution;
import dev.errand.operation.RoutedRequest;
import dev.errand.operation.Scalars;
import dev.errand.operation.jsonrpc.McpSessions;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.task.StartValues;
import dev.errand.task.Task;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import dev.errand.task.step.StepBatch;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import dev.errand.token.Capability;
import dev.errand.token.ParameterValue;
import dev.errand.token.TokenId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Plays one task of a template: each call is checked against the grant and makes the step of a live call, with a clock that
 * only the scenario moves. Used once; not thread-safe.
 */
public final class ScenarioRun {
    private static final long BEGIN_MILLIS = 1_767_225_600_000L;
    private static final int OK_BELOW = 400;
    private static final TokenId ROOT = new TokenId("root");
    private static final byte[] KEY = "errand scenario.".getBytes(StandardCharsets.US_ASCII);

    private final Policies policies;
    private final Scenario scenario;
    private final Template template;
    private final Function<Scenario.Request, RoutedRequest> routes;
    private final @Nullable TemplateLines lines;
    private final TaskPolicy policy;
    private final Capability granted;
    private final StartValues start;
    private final List<Difference> differences = new ArrayList<>();
    private @Nullable Task task;
    private final ScenarioPeople people;
    private long nowMillis = BEGIN_MILLIS;

    private ScenarioRun(
            Path directory,
            Policies policies,
            Function<Scenario.Request, RoutedRequest> routes,
            Scenario scenario,
            Template template) {
        this.routes = routes;
        this.policies = policies;
        this.scenario = scenario;
        this.template = template;
        this.lines = TemplateLines.find(directory, template).orElse(null);
        this.policy = template.policy(false);
        Map<String, ParameterValue> parameters = template.normal(scenario.parameters());
        this.start = new StartValues(parameters, PinnedStart.values(template, parameters, scenario.pinned()));
        this.people = new ScenarioPeople(
                scenario, template, BEGIN_MILLIS + template.lifetime().toMillis());
        this.granted = PinnedStart.granted(template, template.normal(scenario.parameters()), scenario.pinned());
    }

    /** The result of a call. */
    private record Verdict(String code, String why) {}

    /**
     * A call with its operations.
     *
     * @param name how differences name it
     * @param pairs empty if its request means no operation
     * @param refused why it is refused before its operations are known, or null
     */
    private record Named(
            String name,
            OperationCatalogue catalogue,
            List<OperationCall> pairs,
            @Nullable Verdict refused) {}

    /**
     * Plays a scenario.
     *
     * @param directory the configuration that the policies were read from
     * @param routes what the configuration's routes and catalogues make of a request
     * @return what differed; empty if all went as expected
     */
    public static List<Difference> play(
            Path directory, Policies policies, Function<Scenario.Request, RoutedRequest> routes, Scenario scenario) {
        Template template = policies.templates().get(scenario.template());
        if (template == null) {
            return List.of(new Difference(
                    scenario.templateAt(),
                    "there is no template '" + scenario.template() + "' in tasks/"
                            + DidYouMean.hint(
                                    scenario.template(), policies.templates().keySet())));
        }
        String refused = template.refusesParameters(scenario.parameters());
        if (refused != null) {
            return List.of(new Difference(scenario.parametersAt(), "no such task can start: " + refused));
        }
        String unpinned = PinnedStart.refuses(template, template.normal(scenario.parameters()), scenario.pinned());
        if (unpinned != null) {
            return List.of(new Difference(scenario.parametersAt(), "no such task can start: " + unpinned));
        }
        if (template.admission().instruction().require() && scenario.instruction() == Scenario.Instructed.NO) {
            return List.of(new Difference(
                    scenario.at(),
                    "no such task can start: the template requires an instruction; write `instruction: {source: human,"
                            + " ref: …}`"));
        }
        return new ScenarioRun(directory, policies, routes, scenario, template).run();
    }

    private List<Difference> run() {
        apply(new TaskStep.Start(ROOT, BEGIN_MILLIS + template.lifetime().toMillis()));
        for (int i = 0; i < scenario.calls().size(); i++) {
            Scenario.Call call = scenario.calls().get(i);
            nowMillis += call.after().toMillis();
            Named named = call.request() == null ? written(call) : requested(call, call.request());
            if (named == null) {
                continue;
            }
            Verdict verdict = decide("d-" + (i + 1), call, named);
            if (!verdict.code.equals(call.expect())) {
                differences.add(new Difference(
                        call.at(),
                        "call " + (i + 1) + ", " + named.name() + ": expected " + call.expect() + ", was "
                                + verdict.code + ": " + verdict.why));
            }
        }
        return differences;
    }

    /** The call of an operation; null, with a difference, if no catalogue has it. */
    private @Nullable Named written(Scenario.Call call) {
        OperationCatalogue catalogue = catalogue(call.operation());
        Optional<Operation> operation = catalogue == null ? Optional.empty() : catalogue.operation(call.operation());
        if (catalogue == null || operation.isEmpty()) {
            differences.add(new Difference(
                    call.operationAt(), "no catalogue has an operation '" + call.operation() + "'" + near(call)));
            return null;
        }
        return new Named(
                call.operation() + (call.resource().isEmpty() ? "" : " on " + call.resource()),
                catalogue,
                List.of(new OperationCall(operation.get(), call.resource(), call.arguments(), false)),
                null);
    }

    /** The call of a request; null, with a difference, if no route takes it or if it is another operation than expected. */
    private @Nullable Named requested(Scenario.Call call, Scenario.Request request) {
        String name = request.method() + ' ' + request.target();
        RoutedRequest routed = routes.apply(request);
        Resolution meant = routed.resolution();
        OperationCatalogue catalogue = routed.catalogue();
        if (catalogue == null) {
            differences.add(new Difference(call.at(), String.valueOf(unnamed(meant).why)));
            return null;
        }
        List<OperationCall> pairs = meant instanceof Resolution.Resolved resolved ? resolved.calls() : List.of();
        String ids =
                pairs.stream().map(pair -> pair.operation().id()).distinct().collect(Collectors.joining(", "));
        if (!call.operation().isEmpty() && !ids.equals(call.operation())) {
            differences.add(new Difference(
                    call.operationAt(),
                    name + " is " + (pairs.isEmpty() ? "no operation: " + unnamed(meant).why : ids) + ", expected "
                            + call.operation()));
            return null;
        }
        String told = pairs.stream()
                .map(pair -> pair.operation().id() + (pair.resource().isEmpty() ? "" : " on " + pair.resource()))
                .collect(Collectors.joining(", "));
        return new Named(
                name + (pairs.isEmpty() ? "" : " (" + told + ')'),
                catalogue,
                pairs,
                pairs.isEmpty() ? unnamed(meant) : null);
    }

    private static Verdict unnamed(Resolution meant) {
        if (meant instanceof Resolution.Ambiguous ambiguous) {
            return new Verdict(
                    DenyReason.AMBIGUOUS_OPERATION.code(),
                    "the request matches " + String.join(" and ", ambiguous.candidates()) + " equally well");
        }
        return meant instanceof Resolution.Malformed malformed
                ? new Verdict(DenyReason.MALFORMED_REQUEST.code(), malformed.why())
                : new Verdict(DenyReason.UNKNOWN_OPERATION.code(), ((Resolution.Unknown) meant).why());
    }

    private @Nullable OperationCatalogue catalogue(String id) {
        return policies.catalogueOf(id);
    }

    private String near(Scenario.Call call) {
        return DidYouMean.hint(call.operation(), template.grants().tools().keySet());
    }

    private Verdict decide(String decision, Scenario.Call call, Named named) {
        int depth = call.child() == 0 ? 0 : 1;
        if (nowMillis >= BEGIN_MILLIS + template.lifetime().toMillis()) {
            return new Verdict(DenyReason.INVALID_TOKEN.code(), "the token has expired" + at("lifetime"));
        }
        if (depth > template.delegation().maxDepth()) {
            return new Verdict(
                    DenyReason.INVALID_TOKEN.code(),
                    "the template lets no token be passed on (delegation.max-depth)" + at("delegation"));
        }
        List<TokenAccount> chain = chain(call.child());
        List<OperationCall> pairs = named.pairs().stream()
                .map(pair -> pair.folded(named.catalogue().folding()))
                .toList();
        Verdict refused = named.refused();
        for (int i = 0; i < pairs.size() && refused == null; i++) {
            refused = grant(pairs.get(i), named.catalogue());
        }
        if (refused != null) {
            DenyReason reason = reason(refused.code);
            TaskOutcome counted = apply(new TaskStep.Refuse(decision, chain, ProofClaim.NONE, reason, pairs, 0, 0));
            return counted instanceof TaskOutcome.Ended ended ? ended(ended) : refused;
        }
        boolean trusted = scenario.instruction()
                .isTrusted(template.admission().instruction().trustAgent());
        TaskStep.Call step = new TaskStep.Call(decision, chain, ProofClaim.NONE, pairs, trusted, 0).of(start);
        TaskOutcome outcome = people.isAsked() ? people.decide(call, step, this::apply) : apply(step);
        if (outcome instanceof TaskOutcome.Permitted permitted) {
            if (call.status() == Scenario.UNKNOWN) {
                apply(new TaskStep.Unanswered(decision, true));
            } else {
                boolean returning = call.body() != null
                        && call.status() < OK_BELOW
                        && pairs.stream()
                                .anyMatch(pair -> !names(pair.operation()).isEmpty());
                apply(new TaskStep.Settle(decision, call.status() < OK_BELOW, returning));
                if (returning) {
                    returned(decision, Objects.requireNonNull(call.body()), pairs);
                }
            }
            return new Verdict(
                    Scenario.PERMIT,
                    line(pairs.get(0).operation().id()) + ", with the plan at "
                            + permitted.progress().before());
        }
        if (outcome instanceof TaskOutcome.Asks asks) {
            return new Verdict(DenyReason.APPROVAL_REQUIRED.code(), told(asks.objection()));
        }
        return outcome instanceof TaskOutcome.Denied denied && denied.denial() != null
                ? new Verdict(
                        denied.denial().reason().code(),
                        told(denied.denial()) + (denied.interruption() == null ? "" : "; by this the task is over"))
                : ended(outcome);
    }

    /** The detail, and the line of the plan or rule if the detail does not have it. */
    private static String told(Denial denial) {
        String rule = denial.rule();
        return rule == null || denial.detail().contains(rule) ? denial.detail() : denial.detail() + " (" + rule + ")";
    }

    /** The values of the answer that rules look at. */
    private void returned(String decision, JsonValue body, List<OperationCall> pairs) {
        List<AnswerValues.Named> values = new ArrayList<>();
        pairs.stream().map(OperationCall::operation).distinct().forEach(operation -> {
            Set<String> names = names(operation);
            Scalars.in(body, operation.values().returns(), (name, scalar) -> {
                if (names.contains(name)) {
                    AnswerPlace place = operation.values().returns().get(name);
                    boolean authority = place != null && place.authority();
                    values.add(AnswerValues.Named.of(operation.id(), name, authority, scalar));
                }
            });
        });
        boolean trusted = scenario.instruction()
                .isTrusted(template.admission().instruction().trustAgent());
        apply(new TaskStep.Return(decision, values, trusted, KEY));
    }

    private Set<String> names(Operation operation) {
        return policy.returns(operation.id());
    }

    private static Verdict ended(TaskOutcome outcome) {
        String why = outcome instanceof TaskOutcome.Ended ended && ended.why() != null ? ": " + ended.why() : "";
        return new Verdict(DenyReason.TASK_ENDED.code(), "the task is over by then" + why);
    }

    /** Why the call is refused before the task's state is asked, or null. */
    private @Nullable Verdict grant(OperationCall pair, OperationCatalogue catalogue) {
        String id = pair.operation().id();
        if (!pair.folding().isCertain(pair.resource())) {
            return new Verdict(DenyReason.MALFORMED_REQUEST.code(), Folding.UNCERTAIN);
        }
        GrantDecision decision = GrantDecision.of(granted, null, List.of(pair));
        if (!decision.lacking().isEmpty()) {
            String unfixed = template.grants().pinned().operations().contains(id)
                    ? "the start does not fix all pinned arguments of "
                    : "`allow` has no ";
            return new Verdict(DenyReason.NOT_GRANTED.code(), unfixed + id + at("allow"));
        }
        String lookalike = McpSessions.areOf(catalogue) ? lookalike(pair) : null;
        if (lookalike != null) {
            return new Verdict(
                    DenyReason.MALFORMED_REQUEST.code(),
                    "an argument differs from '" + lookalike + "' only in letter case or Unicode form");
        }
        GrantDecision.Violation violation = decision.violation();
        return violation == null
                ? null
                : new Verdict(
                        DenyReason.CONSTRAINT_VIOLATED.code(),
                        "granted only with another value of '" + violation.argument() + "': " + line(id));
    }

    /** The argument that another argument repeats in another letter case or form, or null. */
    private @Nullable String lookalike(OperationCall call) {
        String id = call.operation().id();
        String name = granted.lookalike(id, call.arguments());
        if (name == null) {
            name = policy.sequence().lookalike(id, call.arguments());
        }
        if (name == null && policy.ask() != null) {
            name = policy.ask().always().lookalike(call.operation(), call.arguments());
        }
        return name == null ? call.operation().lookalike(call.arguments()) : name;
    }

    private static DenyReason reason(String code) {
        for (DenyReason reason : DenyReason.values()) {
            if (reason.code().equals(code)) {
                return reason;
            }
        }
        throw new IllegalStateException(code);
    }

    private String line(String operation) {
        return Optional.ofNullable(lines)
                .flatMap(found -> found.grant(operation))
                .orElse("granted");
    }

    private String at(String key) {
        return Optional.ofNullable(lines)
                .flatMap(found -> found.at(key))
                .map(line -> " (" + line + ")")
                .orElse("");
    }

    private List<TokenAccount> chain(int child) {
        TokenAccount root = new TokenAccount(ROOT, null, template.delegation().maxChildren(), List.of());
        return child == 0
                ? List.of(root)
                : List.of(root, new TokenAccount(new TokenId("child-" + child), null, null, List.of()));
    }

    private TaskOutcome apply(TaskStep step) {
        StepBatch.Applied applied = StepBatch.apply(policy, task, List.of(step), nowMillis);
        task = applied.next();
        return applied.outcomes().get(0);
    }
}
