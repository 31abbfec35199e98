package dev.errand.gateway.operator;

import dev.errand.gateway.issuer.start.StartKey;
import dev.errand.identity.Human;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.policy.GoverningPolicies;
import dev.errand.provenance.ProvenanceLog;
import dev.errand.provenance.ProvenanceRecord;
import dev.errand.state.StartStore;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Interrupts tasks for the operator; each is recorded before it is done. Thread-safe, never blocking. */
record Interruptions(TaskTrees trees, TaskStore tasks, StartStore starts, ProvenanceLog log) {
    private static final Logger LOG = LoggerFactory.getLogger(Interruptions.class);
    private static final JsonObject NOTHING = new JsonObject(Map.of());

    /**
     * What the step came to; empty if the store has no such task. A task that made no call here, or none at all, is
     * interrupted as well: ending it needs no policy.
     */
    Mono<Optional<TaskOutcome>> interrupt(String task, String why) {
        return Mono.fromCallable(() -> trees.first(task))
                .subscribeOn(Schedulers.boundedElastic())
                .flatMap(first -> policy(first)
                        .flatMap(policy -> isThere(task, policy, first)
                                .flatMap(there -> there
                                        ? end(task, why, policy, first.orElse(NOTHING))
                                                .map(Optional::of)
                                        : Mono.just(Optional.<TaskOutcome>empty()))));
    }

    /** That of the task where it is known, so that its state need not be read twice. */
    private Mono<TaskPolicy> policy(Optional<JsonObject> first) {
        return first.map(trees::policy)
                .orElse(Mono.just(Optional.empty()))
                .map(found -> found.orElse(GoverningPolicies.UNTEMPLATED));
    }

    /** Only a record of it tells a task that has been over for long from one that never was. */
    private Mono<Boolean> isThere(String task, TaskPolicy policy, Optional<JsonObject> first) {
        return first.isPresent()
                ? Mono.just(true)
                : tasks.apply(new TaskKey(task), policy, new TaskStep.Look())
                        .map(outcome -> outcome instanceof TaskOutcome.Done done && done.state() != TaskState.EXPIRED);
    }

    private Mono<TaskOutcome> end(String task, String why, TaskPolicy policy, JsonObject first) {
        return log.append(new ProvenanceRecord.Operator(Instant.now(), "interrupt", task, why))
                .then(tasks.apply(new TaskKey(task), policy, new TaskStep.Interrupt(why)))
                .flatMap(outcome -> record(task, why, first, outcome)
                        .then(release(task, first))
                        .thenReturn(outcome));
    }

    /** Records that the task ended by this. It has ended, so a log that fails now withholds no answer. */
    private Mono<Void> record(String task, String why, JsonObject first, TaskOutcome outcome) {
        if (!(outcome instanceof TaskOutcome.Done done) || !done.ended()) {
            return Mono.empty();
        }
        JsonObject human = first.object("human");
        String issuer = human == null ? null : human.string("iss");
        String subject = human == null ? null : human.string("sub");
        ProvenanceRecord ending = new ProvenanceRecord.Ending(
                Instant.now(),
                task,
                null,
                null,
                TaskState.INTERRUPTED.wire(),
                ProvenanceRecord.Initiator.ADMIN,
                null,
                issuer == null || subject == null ? null : new Human(issuer, subject),
                why);
        return log.append(ending).onErrorResume(ProvenanceLog.LogUnavailableException.class, e -> {
            LOG.warn("ending not recorded task={}: {}", task, e.getMessage());
            return Mono.empty();
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
