package dev.errand.gateway.operator;

import dev.errand.gateway.issuer.start.StartKey;
import dev.errand.identity.Human;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.policy.StoredPolicies;
import dev.errand.provenance.ProvenanceLog;
import dev.errand.provenance.ProvenanceRecord;
import dev.errand.state.StartStore;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import java.time.Instant;
import java.util.Optional;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Interrupts tasks for the operator; each is recorded before it is done. Thread-safe, never blocking. */
record Interruptions(TaskTrees trees, StoredPolicies policies, TaskStore tasks, StartStore starts, ProvenanceLog log) {
    /** What the step came to; empty if the log has no call of the task, or its policy is not known any more. */
    Mono<Optional<TaskOutcome>> interrupt(String task, String why) {
        return Mono.fromCallable(() -> trees.first(task))
                .subscribeOn(Schedulers.boundedElastic())
                .flatMap(first -> {
                    String revision =
                            first.map(record -> record.string("revision")).orElse(null);
                    if (revision == null) {
                        return Mono.just(Optional.empty());
                    }
                    return policies.find(revision)
                            .flatMap(policy -> policy.isEmpty()
                                    ? Mono.just(Optional.<TaskOutcome>empty())
                                    : log.append(new ProvenanceRecord.Operator(Instant.now(), "interrupt", task, why))
                                            .then(tasks.apply(
                                                    new TaskKey(task), policy.get(), new TaskStep.Interrupt(why)))
                                            .flatMap(outcome ->
                                                    release(task, first.get()).thenReturn(Optional.of(outcome))));
                });
    }

    /** A task that ended makes room for another of the same human and agent. */
    private Mono<Void> release(String task, JsonObject record) {
        JsonObject human = record.object("human");
        String template = record.string("template");
        if (human == null
                || template == null
                || !(record.get("agents") instanceof JsonArray agents)
                || agents.values().isEmpty()
                || !(agents.values().get(0) instanceof JsonObject agent)) {
            return Mono.empty();
        }
        String issuer = human.string("iss");
        String subject = human.string("sub");
        String actor = agent.string("sub");
        return issuer == null || subject == null || actor == null
                ? Mono.empty()
                : starts.release(StartKey.of(template, new Human(issuer, subject), actor), task);
    }
}
