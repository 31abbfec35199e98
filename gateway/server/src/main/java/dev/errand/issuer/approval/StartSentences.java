package dev.errand.issuer.approval;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.issuer.AskedTasks.Seen;
import dev.errand.issuer.Grant;
import dev.errand.issuer.approval.StartShown.GrantedCall;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.sequence.PlanStep;
import dev.errand.sequence.SequenceParser;
import dev.errand.sequence.rule.Breach;
import dev.errand.sequence.rule.Rule;
import dev.errand.state.IndexPage;
import dev.errand.state.IndexQuery;
import dev.errand.state.StoreUnavailableException;
import dev.errand.task.AlwaysAsked;
import dev.errand.task.AskPolicy;
import dev.errand.task.Offer;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskPolicy.Flow;
import dev.errand.task.TaskPolicy.Reaction;
import dev.errand.task.TaskPolicy.Repeated;
import dev.errand.task.TaskPolicy.Violation;
import dev.errand.task.TaskState;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import dev.errand.token.Human;
import dev.errand.token.TaskBounds;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Reads a task that an agent asks for as sentences for people: operations with their values, plan, limits and rules. Thread-safe, never
 * blocking.
 *
 * @param policies the running configuration
 * @param tasks searches the tasks of the fleet
 */
record StartSentences(Supplier<Policies> policies, Function<IndexQuery, Mono<IndexPage>> tasks, Clock clock) {
    private static final int MOST_COUNTED = 100;
    private static final long WITHIN_MILLIS = 80;

    /** @param human the human who looks */
    Mono<StartShown> read(Seen seen, Human human) {
        Template template = seen.grant().template();
        IndexQuery own = new IndexQuery(
                template.name(),
                human.issuer() + " " + human.subject(),
                null,
                task -> task.state(clock.millis()) == TaskState.ACTIVE,
                MOST_COUNTED,
                null,
                WITHIN_MILLIS);
        return tasks.apply(own)
                .map(page -> (long) page.tasks().size())
                .onErrorReturn(StoreUnavailableException.class, -1L)
                .map(running -> shown(seen, template, running));
    }

    private StartShown shown(Seen seen, Template template, long running) {
        YamlMap text = Yaml.parse("template", template.text(), new Faults()) instanceof YamlMap map ? map : null;
        String narrower = seen.grant().plan();
        YamlNode plan = narrower != null
                ? Yaml.parse("plan", narrower, new Faults())
                : text == null ? null : text.optional("sequence");
        List<PlanStep> steps = plan == null ? List.of() : new SequenceParser(new Faults()).parse(plan);
        List<String> anytime = text == null || steps.isEmpty() ? List.of() : text.strings("interleave", new Faults());
        return new StartShown(
                seen,
                calls(seen.grant()),
                steps,
                anytime,
                limits(seen.grant(), steps.isEmpty()),
                asks(seen.grant(), template),
                beyond(template.enforced(), seen.grant().bounds()),
                running);
    }

    private List<GrantedCall> calls(Grant grant) {
        List<GrantedCall> calls = new ArrayList<>();
        JsonObject tools = grant.capability().toJson().object("tools");
        if (tools != null) {
            tools.members().forEach((id, arguments) -> {
                Operation operation = operation(id);
                Effect effect = operation == null ? Effect.UNREVIEWED : operation.effect();
                calls.add(new GrantedCall(
                        id,
                        effect,
                        // A message that nobody reviewed may change something, whatever its name.
                        operation != null && operation.isProtocol() && effect != Effect.UNREVIEWED,
                        arguments instanceof JsonObject limits ? limits : JsonObject.EMPTY));
            });
        }
        return calls;
    }

    private @Nullable Operation operation(String id) {
        return policies.get().operation(id).orElse(null);
    }

    /** @param anyOrder whether no plan says which call comes next, and so how many there can be */
    private static List<String> limits(Grant grant, boolean anyOrder) {
        List<String> limits = new ArrayList<>();
        limits.add("It ends after " + RequestSentences.lasting(grant.lifetimeSeconds()) + " at the latest.");
        TaskBounds bounds = grant.bounds();
        if (anyOrder && bounds.calls() == null && bounds.limits().isEmpty()) {
            limits.add("Until then it may make these calls as often as it wants.");
        }
        if (bounds.calls() != null) {
            limits.add("At most " + RequestSentences.count(bounds.calls(), "call") + " in all.");
        }
        for (TaskBounds.Limit limit : bounds.limits()) {
            limits.add("At most " + RequestSentences.count(limit.capacity(), "call") + " in "
                    + RequestSentences.lasting(limit.periodSeconds()) + ".");
        }
        grant.template()
                .limits()
                .operations()
                .forEach((id, each) -> each.stream()
                        .filter(limit -> !limit.observe())
                        .forEach(limit -> limits.add("At most " + RequestSentences.count(limit.capacity(), "call")
                                + " of `" + id + "` in "
                                + RequestSentences.lasting(limit.period().toSeconds()) + ".")));
        Map<Rule, Reaction> rules = grant.template().enforced().rules();
        rules.forEach((rule, reaction) -> limits.add(sentence(rule, reaction, allInterrupt(rules))));
        Long children = bounds.children();
        limits.add(
                grant.template().delegation().maxDepth() == 0 || Long.valueOf(0).equals(children)
                        ? "The agent cannot hand it to other agents."
                        : "The agent can hand parts of it to "
                                + (children == null
                                        ? "other agents"
                                        : "at most " + RequestSentences.count(children, "other agent"))
                                + ", within all these limits.");
        return limits;
    }

    /** @param known whether another sentence says that a violation of any rule ends the task */
    private static String sentence(Rule rule, Reaction reaction, boolean known) {
        return rule.wanted() + Breach.same(rule) + "."
                + (reaction == Reaction.INTERRUPT && !known ? " A call against this ends the task at once." : "");
    }

    private List<String> asks(Grant grant, Template template) {
        AskPolicy ask = template.enforced().ask();
        List<String> asks = new ArrayList<>();
        if (ask == null) {
            return asks;
        }
        for (Map.Entry<String, ?> tool : grant.capability().tools().entrySet()) {
            Operation operation = operation(tool.getKey());
            if (operation != null) {
                asked(operation.id(), ask.always().of(operation), grant, asks);
            }
        }
        TaskPolicy policy = template.enforced();
        if (policy.reactions().sequence() == Reaction.ASK && policy.sequence().states() > 0) {
            asks.add("When it wants to make a call outside of these steps.");
        }
        if (policy.rules().containsValue(Reaction.ASK)) {
            asks.add("When a rule forbids a call.");
        }
        if (policy.reactions().flow() == Reaction.ASK && policy.flow() == Flow.ENFORCE) {
            asks.add("When it has read content that nobody vouches for, and wants to act on it.");
        }
        return asks;
    }

    private static void asked(String id, AlwaysAsked.Asked asked, Grant grant, List<String> asks) {
        AlwaysAsked.Unless unless = asked.unless();
        if (asked.always()) {
            asks.add(
                    unless == null
                            ? "Before each call of `" + id + "`."
                            : "Before a call of `" + id + "`. Nobody is asked where "
                                    + unless.constraints(grant.parameters()).members().entrySet().stream()
                                            .map(argument -> argument.getKey() + " is "
                                                    + RequestSentences.limit(argument.getValue()))
                                            .collect(Collectors.joining(" and "))
                                    + ".");
        }
        Offer.Terms offer = asked.offer();
        if (offer != null) {
            asks.add("There, one answer may let up to " + offer.calls() + " calls pass that have the same "
                    + String.join(", ", offer.fixed()) + ".");
        }
        if (!asked.pinned().isEmpty()) {
            asks.add("Before a call of `" + id + "` with another value of "
                    + String.join(", ", new TreeSet<>(asked.pinned())) + " than this request fixes.");
        }
    }

    private static List<String> beyond(TaskPolicy policy, TaskBounds bounds) {
        List<String> beyond = new ArrayList<>();
        beyond.add("What is not on this page is refused, and so is every call after the task has ended.");
        boolean bounded = bounds.calls() != null || !bounds.limits().isEmpty();
        for (Violation violation : policy.ending(bounded)) {
            switch (violation) {
                case SEQUENCE -> beyond.add("A call outside of the steps ends the task at once.");
                case RULE -> {
                    if (allInterrupt(policy.rules())) {
                        beyond.add("A call against a rule ends the task at once.");
                    }
                }
                case FLOW -> beyond.add("A call that acts on content that nobody vouches for ends the task at once.");
                case LIMIT -> beyond.add("A call beyond a limit ends the task at once.");
                case NOT_GRANTED -> beyond.add("A call that is not allowed ends the task at once.");
                case APPROVAL_REFUSED ->
                    beyond.add("A call that a human refused ends the task at once if the agent makes it again.");
            }
        }
        Repeated repeated = policy.reactions().repeated();
        if (repeated != null) {
            beyond.add(RequestSentences.count(repeated.denials(), "refused call") + " within "
                    + RequestSentences.lasting(Math.max(1, repeated.withinMillis() / 1000)) + " end it.");
        }
        return beyond;
    }

    private static boolean allInterrupt(Map<Rule, Reaction> rules) {
        return rules.values().stream().allMatch(reaction -> reaction == Reaction.INTERRUPT);
    }
}
