package dev.errand.operator;

import dev.errand.issuer.StartSheet;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.policy.GoverningPolicies;
import dev.errand.policy.StoredPolicies;
import dev.errand.sequence.UnknownOutcome;
import dev.errand.state.KeptAnswer;
import dev.errand.state.StartStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.template.Template;
import dev.errand.token.ParameterValue;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Adds to a task's page what the logs do not have: the plan with the task's state in it, the grant, and the limits. They come from
 * the template's revision and from the task's record in the store. Without the record, the state is the one after the last call in
 * the logs, and the number of calls left is null. Without the revision, all four members are null; without the record, {@code unknown} is. Thread-safe, never blocking.
 */
record TaskStanding(
        TaskStore tasks, StartStore starts, StoredPolicies policies, BrokenProperties broken, boolean observe) {
    /**
     * The page of a task with the members {@code plan}, {@code granted}, {@code limits} and {@code unknown}: the calls whose
     * outcome is unknown, and on whose outcome something depends.
     *
     * @param page the page from the logs
     */
    public Mono<JsonObject> added(String task, JsonObject page) {
        String revision = page.string("revision");
        if (revision == null) {
            return Mono.just(untold(page));
        }
        return policies.template(revision)
                .flatMap(found -> found.isEmpty() ? Mono.just(found) : planned(task, found.get()))
                .onErrorReturn(StoreUnavailableException.class, Optional.empty())
                .flatMap(found -> found.isEmpty()
                        ? Mono.just(untold(page))
                        : look(task, found.get()).map(done -> told(page, found.get(), done.orElse(null))));
    }

    /** The template with the narrower plan that governs the task, if its start is still known. */
    private Mono<Optional<Template>> planned(String task, Template template) {
        return tasks.apply(new TaskKey(task), GoverningPolicies.UNTEMPLATED, new TaskStep.Look())
                .flatMap(outcome -> outcome instanceof TaskOutcome.Done done && done.start() != null
                        ? starts.findStart(done.start().hash())
                        : Mono.just(Optional.<KeptAnswer>empty()))
                .flatMap(kept -> policies.planned(
                        template,
                        kept.map(StartSheet::read).map(StartSheet::plan).orElse(null)));
    }

    private static JsonObject untold(JsonObject page) {
        return with(page, JsonNull.NULL, JsonNull.NULL, JsonNull.NULL, JsonNull.NULL);
    }

    /** What the task's record says; empty if the task is over or the store is away. */
    private Mono<Optional<TaskOutcome.Done>> look(String task, Template template) {
        TaskPolicy policy = template.policy(observe);
        return tasks.apply(new TaskKey(task), policy, new TaskStep.Look())
                .map(outcome -> outcome instanceof TaskOutcome.Done done
                        ? Optional.of(done)
                        : Optional.<TaskOutcome.Done>empty())
                // The page without this part is better than none, also if the record has another revision than the
                // logs say.
                .onErrorReturn(Optional.empty());
    }

    private JsonObject told(JsonObject page, Template template, TaskOutcome.@Nullable Done done) {
        String at = done == null ? lastState(page) : done.progress().after();
        JsonObject limits = TaskBoundsTold.limits(template);
        Long calls = done == null ? null : done.progress().budgets().get("calls");
        return with(
                page,
                PlanDrawn.of(template.enforced().sequence(), at, broken.of(template)),
                TaskBoundsTold.granted(template, parameters(page)),
                Answers.with(limits, "calls_left", calls == null ? JsonNull.NULL : JsonNumber.of(calls)),
                done == null ? JsonNull.NULL : unknown(done.unknown()));
    }

    private static JsonArray unknown(List<UnknownOutcome> outcomes) {
        return new JsonArray(outcomes.stream()
                .map(each -> (JsonValue) new JsonMembers()
                        .put("decision", each.decision())
                        .put("operations", each.operations())
                        .put("since", Instant.ofEpochMilli(each.sinceMillis()).toString())
                        .toJson())
                .toList());
    }

    private static JsonObject with(
            JsonObject page, JsonValue plan, JsonValue granted, JsonValue limits, JsonValue unknown) {
        Map<String, JsonValue> members = new LinkedHashMap<>(page.members());
        members.put("plan", plan);
        members.put("granted", granted);
        members.put("limits", limits);
        members.put("unknown", unknown);
        return new JsonObject(members);
    }

    /** The state of the plan after the last call. */
    private static @Nullable String lastState(JsonObject page) {
        List<JsonValue> calls = page.get("calls") instanceof JsonArray all ? all.values() : List.of();
        for (int i = calls.size() - 1; i >= 0; i--) {
            if (calls.get(i) instanceof JsonObject call && call.string("state_after") != null) {
                return call.string("state_after");
            }
        }
        return null;
    }

    private static Map<String, ParameterValue> parameters(JsonObject page) {
        Map<String, ParameterValue> parameters = new LinkedHashMap<>();
        JsonObject given = page.object("parameters");
        if (given != null) {
            given.members()
                    .forEach((name, value) ->
                            ParameterValue.parse(value).ifPresent(parsed -> parameters.put(name, parsed)));
        }
        return parameters;
    }
}
