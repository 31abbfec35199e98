package dev.errand.gateway.operator;

import dev.errand.gateway.issuer.start.StartKey;
import dev.errand.identity.Human;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.policy.GoverningPolicies;
import dev.errand.provenance.ProvenanceLog;
import dev.errand.provenance.ProvenanceRecord;
import dev.errand.state.StartStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Interrupts tasks for the operator. The step that ends the task comes first; only then it is recorded, so that neither a
 * long log nor a full disk keeps a task running. Thread-safe, never blocking.
 *
 * @param lookups where this replica's log is read for what an ending's record says of the task besides its id
 */
record Interruptions(TaskTrees trees, TaskStore tasks, StartStore starts, ProvenanceLog log, Scheduler lookups) {
    private static final Logger LOG = LoggerFactory.getLogger(Interruptions.class);
    private static final JsonObject NOTHING = new JsonObject(Map.of());

    /** How long an answer waits for the operator's record. */
    private static final Duration RECORDED_WITHIN = Duration.ofSeconds(1);

    /**
     * What an interruption came to.
     *
     * @param recorded whether the log has the operator's record; one that the log took too long for may still come
     */
    record Interrupted(TaskOutcome outcome, boolean recorded) {}

    /**
     * Ends the task at once; empty if the store has no such task. Ending a task needs no policy, so that a task is interrupted
     * which made no call here, or none at all.
     */
    Mono<Optional<Interrupted>> interrupt(String task, String why) {
        return tasks.apply(new TaskKey(task), GoverningPolicies.UNTEMPLATED, new TaskStep.Interrupt(why))
                // The answer may have been lost behind a step that was made.
                .onErrorResume(
                        StoreUnavailableException.class,
                        e -> recordOperator(task, why).then(Mono.error(e)))
                .flatMap(outcome -> isThere(outcome)
                        ? recordOperator(task, why)
                                .doOnNext(recorded -> recordEnding(task, why, outcome))
                                .map(recorded -> Optional.of(new Interrupted(outcome, recorded)))
                        : Mono.just(Optional.<Interrupted>empty()));
    }

    private static boolean isThere(TaskOutcome outcome) {
        return outcome instanceof TaskOutcome.Done done && done.state() != TaskState.EXPIRED;
    }

    private Mono<Boolean> recordOperator(String task, String why) {
        return log.append(new ProvenanceRecord.Operator(Instant.now(), "interrupt", task, why))
                .thenReturn(true)
                .timeout(RECORDED_WITHIN)
                .onErrorResume(
                        e -> e instanceof ProvenanceLog.LogUnavailableException || e instanceof TimeoutException, e -> {
                            LOG.warn("interruption not recorded task={}: {}", task, e.getMessage());
                            return Mono.just(false);
                        });
    }

    /** Records, behind the answer, what this very step ended. */
    private void recordEnding(String task, String why, TaskOutcome outcome) {
        if (!(outcome instanceof TaskOutcome.Done done) || !done.ended()) {
            return;
        }
        Mono.fromCallable(() -> trees.first(task).orElse(NOTHING))
                .subscribeOn(lookups)
                .onErrorResume(e -> {
                    LOG.warn("the log does not tell whose the task is, task={}: {}", task, e.toString());
                    return Mono.just(NOTHING);
                })
                .flatMap(first -> log.append(ending(task, why, first)).then(release(task, first)))
                .subscribe(nothing -> {}, e -> LOG.warn("ending not recorded task={}: {}", task, e.getMessage()));
    }

    private static ProvenanceRecord ending(String task, String why, JsonObject first) {
        JsonObject human = first.object("human");
        String issuer = human == null ? null : human.string("iss");
        String subject = human == null ? null : human.string("sub");
        return new ProvenanceRecord.Ending(
                Instant.now(),
                task,
                null,
                null,
                TaskState.INTERRUPTED.wire(),
                ProvenanceRecord.Initiator.ADMIN,
                null,
                issuer == null || subject == null ? null : new Human(issuer, subject),
                why);
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
