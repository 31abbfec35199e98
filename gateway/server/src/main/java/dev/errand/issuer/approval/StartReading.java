package dev.errand.issuer.approval;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import dev.errand.issuer.AskedTasks.Seen;
import dev.errand.issuer.Grant;
import dev.errand.issuer.approval.StartShown.GrantedCall;
import dev.errand.json.Durations;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.sequence.PlanStep;
import dev.errand.sequence.SequenceParser;
import dev.errand.state.IndexPage;
import dev.errand.state.IndexQuery;
import dev.errand.state.StoreUnavailableException;
import dev.errand.task.AlwaysAsked;
import dev.errand.task.AskPolicy;
import dev.errand.task.TaskPolicy.Reaction;
import dev.errand.task.TaskPolicy.Reactions;
import dev.errand.task.TaskState;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import dev.errand.token.Human;
import dev.errand.token.TaskBounds;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Reads a task that an agent asks for as sentences for people: operations with their values, plan, limits and rules. Thread-safe, never
 * blocking.
 *
 * @param policies the running configuration
 * @param tasks searches the tasks of the fleet
 */
record StartReading(Supplier<Policies> policies, Function<IndexQuery, Mono<IndexPage>> tasks, Clock clock) {
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
                limits(seen.grant(), text),
                asks(seen.grant(), template),
                beyond(template.enforced().reactions(), !steps.isEmpty()),
                running);
    }

    private List<GrantedCall> calls(Grant grant) {
        List<GrantedCall> calls = new ArrayList<>();
        JsonObject tools = grant.capability().toJson().object("tools");
        if (tools != null) {
            tools.members().forEach((id, arguments) -> {
                Operation operation = operation(id);
                calls.add(new GrantedCall(
                        id,
                        operation == null ? Effect.UNREVIEWED : operation.effect(),
                        arguments instanceof JsonObject limits ? limits : JsonObject.EMPTY));
            });
        }
        return calls;
    }

    private @Nullable Operation operation(String id) {
        return policies.get().operation(id).orElse(null);
    }

    private static List<String> limits(Grant grant, @Nullable YamlMap text) {
        List<String> limits = new ArrayList<>();
        limits.add("It ends after " + Reading.lasting(grant.lifetimeSeconds()) + " at the latest.");
        TaskBounds bounds = grant.bounds();
        if (bounds.calls() != null) {
            limits.add("At most " + Reading.count(bounds.calls(), "call") + " in all.");
        }
        for (TaskBounds.Limit limit : bounds.limits()) {
            limits.add("At most " + Reading.count(limit.capacity(), "call") + " in "
                    + Reading.lasting(limit.periodSeconds()) + ".");
        }
        grant.template()
                .limits()
                .operations()
                .forEach((id, each) -> each.stream()
                        .filter(limit -> !limit.observe())
                        .forEach(limit -> limits.add("At most " + Reading.count(limit.capacity(), "call") + " of `" + id
                                + "` in " + Reading.lasting(limit.period().toSeconds()) + ".")));
        if (text != null && text.optional("rules") instanceof YamlList rules) {
            rules.items().forEach(rule -> limits.add(rule(rule)));
        }
        int depth = grant.template().delegation().maxDepth();
        limits.add(
                depth == 0
                        ? "The agent cannot hand it to other agents."
                        : "The agent can hand parts of it to other agents, within all these limits.");
        return limits;
    }

    /** A rule as a sentence; one of a kind that has no sentence as it is written. */
    private static String rule(YamlNode node) {
        if (!(node instanceof YamlMap rule)) {
            return "";
        }
        String each = rule.optional("same") == null
                ? ""
                : ", counted for each " + String.join(" and ", rule.strings("same", new Faults()));
        YamlNode within = rule.optional("within");
        Duration time = within instanceof YamlScalar scalar ? Durations.parse(scalar.text()) : null;
        String window = time == null ? "" : " in " + Reading.lasting(time.toSeconds());
        if (rule.optional("bounded") != null) {
            return "At most " + text(rule, "at-most") + " times `" + text(rule, "bounded") + "`" + window + each + ".";
        }
        if (rule.optional("sum") != null) {
            return "All calls of `" + text(rule, "sum") + "` together: " + text(rule, "of") + " at most "
                    + text(rule, "at-most") + window + each + ".";
        }
        if (rule.optional("distinct") != null) {
            return "At most " + text(rule, "at-most") + " different values of " + text(rule, "of") + " in `"
                    + text(rule, "distinct") + "`" + window + each + ".";
        }
        if (rule.optional("precedence") != null) {
            return "`" + text(rule, "before") + "` only after `" + text(rule, "precedence") + "` was done" + each + ".";
        }
        if (rule.optional("previous") != null) {
            return "`" + text(rule, "before") + "` only directly after `" + text(rule, "previous") + "`" + each + ".";
        }
        if (rule.optional("absence") != null) {
            return "No `" + text(rule, "absence") + "` after `" + text(rule, "after") + "`" + each + ".";
        }
        if (rule.optional("from") instanceof YamlMap from && rule.optional("to") instanceof YamlMap to) {
            return to.members().entrySet().stream()
                            .map(one -> one.getValue() instanceof YamlScalar name
                                    ? name.text() + " of `" + one.getKey() + "`"
                                    : one.getKey())
                            .findFirst()
                            .orElse("A value")
                    + " only as an answer of `"
                    + String.join("`, `", from.members().keySet())
                    + "` gave it" + each + ".";
        }
        return "A further rule of the template holds.";
    }

    private static String text(YamlMap rule, String key) {
        return rule.optional(key) instanceof YamlScalar scalar ? scalar.text() : "?";
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
                asked(operation.id(), ask.always().of(operation), asks);
            }
        }
        Reactions reactions = template.enforced().reactions();
        if (reactions.sequence() == Reaction.ASK) {
            asks.add("When it wants to make a call outside of these steps.");
        }
        if (reactions.rule() == Reaction.ASK) {
            asks.add("When a rule forbids a call.");
        }
        if (reactions.flow() == Reaction.ASK) {
            asks.add("When it has read content that nobody vouches for, and wants to act on it.");
        }
        return asks;
    }

    private static void asked(String id, AlwaysAsked.Asked asked, List<String> asks) {
        if (asked.always() && asked.unless() == null) {
            asks.add("Before each call of `" + id + "`.");
        } else if (asked.always()) {
            asks.add("Before a call of `" + id
                    + "`, unless the template lets a call with its values pass without a human.");
        }
        if (!asked.pinned().isEmpty()) {
            asks.add("Before a call of `" + id + "` with another value of "
                    + String.join(", ", new TreeSet<>(asked.pinned())) + " than this request fixes.");
        }
    }

    private static List<String> beyond(Reactions reactions, boolean plan) {
        List<String> beyond = new ArrayList<>();
        beyond.add("What is not on this page is refused, and so is every call after the task has ended.");
        if (plan && reactions.sequence() == Reaction.INTERRUPT) {
            beyond.add("A call outside of the steps ends the task at once.");
        }
        if (reactions.rule() == Reaction.INTERRUPT) {
            beyond.add("A call against a rule ends the task at once.");
        }
        if (reactions.notGranted() == Reaction.INTERRUPT) {
            beyond.add("A call that is not allowed ends the task at once.");
        } else if (reactions.repeated() != null) {
            beyond.add(Reading.count(reactions.repeated().denials(), "refused call") + " within "
                    + Reading.lasting(Math.max(1, reactions.repeated().withinMillis() / 1000)) + " end it.");
        }
        return beyond;
    }
}
