package dev.errand.operator;

import dev.errand.issuer.StartSheet;
import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.policy.GoverningPolicies;
import dev.errand.policy.LivePolicies;
import dev.errand.policy.StoredPolicies;
import dev.errand.sequence.SequencePolicy.Settlement;
import dev.errand.state.StartStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.template.Template;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Tells a task's plan and rules what an operator knows of a call whose outcome was unknown. The step comes first, and its record
 * second. Thread-safe, never blocking.
 *
 * @param live whose candidates are told, too
 * @param observe whether the gateway only observes
 * @param decisions finds the record of a decision in the logs of all replicas
 */
record KnownOutcomes(
        TaskStore tasks,
        StartStore starts,
        StoredPolicies policies,
        LivePolicies live,
        boolean observe,
        OperatorChanges changes,
        Function<String, Mono<Optional<JsonObject>>> decisions) {
    /**
     * The result.
     *
     * @param recorded whether the log has the operator's record by now; true if nothing changed, since nothing is recorded then
     */
    record Known(Settlement.Verdict verdict, boolean recorded) {}

    /** Tells it. {@link Settlement.Verdict#NO_SUCH} also if no such task runs. */
    Mono<Known> know(Operator operator, String task, String decision, boolean happened) {
        TaskKey key = new TaskKey(task);
        return policy(key, decision)
                .flatMap(policy -> policy.map(found -> apply(operator, key, found, decision, happened))
                        .orElse(Mono.just(new Known(Settlement.Verdict.NO_SUCH, true))));
    }

    private Mono<Known> apply(Operator operator, TaskKey task, TaskPolicy policy, String decision, boolean happened) {
        return tasks.apply(task, policy, new TaskStep.Know(decision, happened))
                // The store may have made the step even though its answer was lost.
                .onErrorResume(
                        StoreUnavailableException.class,
                        away -> record(operator, task, decision, happened, "unknown")
                                .then(Mono.error(away)))
                .flatMap(outcome -> {
                    Settlement.Verdict verdict = outcome instanceof TaskOutcome.Settlement told
                            ? told.verdict()
                            : Settlement.Verdict.NO_SUCH;
                    return verdict == Settlement.Verdict.SETTLED
                            ? record(operator, task, decision, happened, null)
                                    .map(recorded -> new Known(verdict, recorded))
                            : Mono.just(new Known(verdict, true));
                });
    }

    /** @param settled what is known of the step; null if it was made */
    private Mono<Boolean> record(
            Operator operator, TaskKey task, String decision, boolean happened, @Nullable String settled) {
        JsonMembers members = new JsonMembers();
        members.put("decision", decision);
        members.put("happened", happened);
        members.put("settled", settled);
        return changes.record(operator, "outcome", task.value(), Jcs.canonical(members.toJson()));
    }

    /** The policy of the revision that the task runs under, with the candidate beside it; empty if no such task runs. */
    private Mono<Optional<TaskPolicy>> policy(TaskKey task, String decision) {
        return tasks.apply(task, GoverningPolicies.UNTEMPLATED, new TaskStep.Look())
                .flatMap(outcome -> outcome instanceof TaskOutcome.Done done && done.state() == TaskState.ACTIVE
                        ? template(task, done, decision)
                        : Mono.just(Optional.<Template>empty()))
                .map(template -> template.map(this::policy));
    }

    /** From the task's kept start. A task of another anchor has none; then from the record of the decision. */
    private Mono<Optional<Template>> template(TaskKey task, TaskOutcome.Done done, String decision) {
        Mono<Optional<Template>> logged = Mono.defer(() -> decisions.apply(decision))
                .map(found -> found.filter(record -> task.value().equals(record.string("task")))
                        .map(record -> record.string("revision")))
                .flatMap(revision -> revision.map(policies::template).orElse(Mono.just(Optional.empty())));
        if (done.start() == null) {
            return logged;
        }
        return starts.findStart(done.start().hash())
                .flatMap(kept -> kept.map(StartSheet::read)
                        .map(sheet -> policies.template(sheet.revision(), sheet.plan()))
                        .orElse(logged));
    }

    private TaskPolicy policy(Template template) {
        Template candidate = live.current().candidates().get(template.name());
        TaskPolicy policy = template.policy(observe);
        return candidate == null ? policy : policy.beside(candidate.policy(observe));
    }
}
