package dev.errand.gateway.operator;

import dev.errand.gateway.issuer.start.StartKey;
import dev.errand.identity.Human;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.provenance.ProvenanceLog;
import dev.errand.provenance.ProvenanceRecord;
import dev.errand.state.StartStore;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Interrupts tasks for the operator; each is recorded before it is done. Thread-safe, never blocking. */
record Interruptions(TaskTrees trees, TaskStore tasks, StartStore starts, ProvenanceLog log) {
    private static final Logger LOG = LoggerFactory.getLogger(Interruptions.class);

    /** What the step came to; empty if the log has no call of the task, or its policy is not known any more. */
    Mono<Optional<TaskOutcome>> interrupt(String task, String why) {
        return Mono.fromCallable(() -> trees.first(task))
                .subscribeOn(Schedulers.boundedElastic())
                .flatMap(first -> {
                    if (first.isEmpty()) {
                        return Mono.just(Optional.empty());
                    }
                    return trees.policy(first.get())
                            .flatMap(policy -> policy.isEmpty()
                                    ? Mono.just(Optional.<TaskOutcome>empty())
                                    : log.append(new ProvenanceRecord.Operator(Instant.now(), "interrupt", task, why))
                                            .then(tasks.apply(
                                                    new TaskKey(task), policy.get(), new TaskStep.Interrupt(why)))
                                            .flatMap(outcome -> record(task, why, first.get(), outcome)
                                                    .then(release(task, first.get()))
                                                    .thenReturn(Optional.of(outcome))));
                });
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
