package dev.errand.operator;

import dev.errand.issuer.StartKey;
import dev.errand.issuer.StartSheet;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.RecordFields;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.policy.GoverningPolicies;
import dev.errand.state.StartStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.token.Human;
import dev.errand.token.TokenId;
import dev.errand.web.refusal.TaskMetrics;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Interrupts tasks for the operator. The step that ends the task comes first and its record second, so that neither a long log
 * nor a full disk keeps a task running. Thread-safe, never blocking.
 *
 * @param index gets each task that an operator ended, and by whom: {@code operator:} and the name
 * @param lookups the threads on which this replica's log is read, for the human and the agent of a task that ended
 */
record Interruptions(
        TaskTrees trees,
        TaskStore tasks,
        StartStore starts,
        ProvenanceLog log,
        OperatorChanges changes,
        BiConsumer<String, String> index,
        TaskMetrics metrics,
        Scheduler lookups) {
    private static final Logger LOG = LoggerFactory.getLogger(Interruptions.class);

    /**
     * The result of an interruption.
     *
     * @param recorded whether the log has the operator's record; if the log was too slow, the record may still follow
     * @param confirmed whether a replica of the store has the ending, too
     */
    record Interrupted(TaskOutcome outcome, boolean recorded, boolean confirmed) {}

    /**
     * Ends the task at once; empty if the store has no such task. Ending a task needs no policy. So a replica can interrupt a task
     * that made no call at this replica, or no call at all.
     */
    Mono<Optional<Interrupted>> interrupt(String task, Ending ending) {
        TaskStep.Interrupt step = TaskStep.Interrupt.byOperator(ending.why(), ending.tell());
        return tasks.apply(new TaskKey(task), GoverningPolicies.UNTEMPLATED, step)
                // The store may have made the step even though its answer was lost.
                .onErrorResume(
                        StoreUnavailableException.class,
                        e -> recordOperator(task, ending).then(Mono.error(e)))
                .flatMap(outcome -> isThere(outcome)
                        ? Mono.zip(recordOperator(task, ending), tasks.confirm(new TaskKey(task)))
                                .doOnNext(told -> recordEnding(task, ending, outcome))
                                .map(told -> Optional.of(new Interrupted(outcome, told.getT1(), told.getT2())))
                        : Mono.just(Optional.<Interrupted>empty()));
    }

    private static boolean isThere(TaskOutcome outcome) {
        return outcome instanceof TaskOutcome.Done done && done.state() != TaskState.EXPIRED;
    }

    private Mono<Boolean> recordOperator(String task, Ending ending) {
        return changes.record(ending.operator(), "interrupt", task, ending.why());
    }

    /** Records the ending after the operator is answered, if this step is the one that ended the task. */
    private void recordEnding(String task, Ending ending, TaskOutcome outcome) {
        if (!(outcome instanceof TaskOutcome.Done done) || !done.ended()) {
            return;
        }
        index.accept(task, ending.operator().by().wire());
        owner(task, done.start())
                .doOnNext(owner -> metrics.ended(
                        owner.map(Owner::template).orElse(null),
                        ending.operator().by()))
                .flatMap(owner -> log.append(ended(task, ending, owner.orElse(null)))
                        .then(owner.map(known -> release(task, known)).orElse(Mono.empty())))
                .subscribe(nothing -> {}, e -> LOG.warn("ending not recorded task={}: {}", task, e.getMessage()));
    }

    /** The owner of a task, as far as it is known. */
    private record Owner(
            @Nullable String template,
            @Nullable Human human,
            @Nullable String agent) {}

    /** The task's owner, from its kept start. For a task of another anchor, from this replica's log. */
    private Mono<Optional<Owner>> owner(String task, @Nullable TokenId start) {
        Mono<Optional<Owner>> logged = Mono.fromCallable(() -> trees.first(task).map(Interruptions::owner))
                .subscribeOn(lookups)
                .onErrorResume(e -> {
                    LOG.warn("the log does not tell whose the task is, task={}: {}", task, e.toString());
                    return Mono.just(Optional.empty());
                });
        if (start == null) {
            return logged;
        }
        return starts.findStart(start.hash())
                .onErrorReturn(StoreUnavailableException.class, Optional.empty())
                .map(kept -> kept.map(StartSheet::read)
                        .map(sheet -> new Owner(sheet.template(), sheet.human(), sheet.agent())))
                .flatMap(owner -> owner.isPresent() ? Mono.just(owner) : logged);
    }

    private static Owner owner(JsonObject decision) {
        JsonObject human = decision.object("human");
        String issuer = human == null ? null : human.string("iss");
        String subject = human == null ? null : human.string("sub");
        List<JsonObject> agents = RecordFields.agents(decision);
        return new Owner(
                decision.string("template"),
                issuer == null || subject == null ? null : new Human(issuer, subject),
                agents.isEmpty() ? null : agents.get(0).string("sub"));
    }

    private static ProvenanceRecord ended(String task, Ending ending, @Nullable Owner owner) {
        return new ProvenanceRecord.Ended(
                Instant.now(),
                task,
                null,
                null,
                TaskState.INTERRUPTED.wire(),
                ending.operator().by(),
                null,
                owner == null ? null : owner.human(),
                ending.why());
    }

    /** Frees the ended task's place in the limits for another start of the same human and agent. */
    private Mono<Void> release(String task, Owner owner) {
        return owner.template() == null || owner.human() == null || owner.agent() == null
                ? Mono.empty()
                : starts.release(StartKey.of(owner.template(), owner.human(), owner.agent()), task);
    }
}
