package dev.errand.gateway.operator;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.offline.reconstruct.TaskStory;
import dev.errand.offline.reconstruct.TaskTree;
import dev.errand.policy.GoverningPolicies;
import dev.errand.policy.StoredPolicies;
import dev.errand.provenance.log.LogReader;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Tasks as this replica's log tells them, and as the store has them now. Thread-safe; the log is read off the event loop. */
record TaskTrees(Path log, StoredPolicies policies, TaskStore tasks) {
    /** The first decision of the task; blocks on the disk. */
    Optional<JsonObject> first(String task) throws IOException {
        return new LogReader(log)
                .task(task).stream()
                        .map(LogReader.Entry::json)
                        .filter(json -> "decision".equals(json.string("kind")))
                        .findFirst();
    }

    /** Empty if this replica's log has nothing of the task. */
    Mono<Optional<Page>> find(String task) {
        return Mono.fromCallable(() -> TaskTree.of(task, records(task)))
                .subscribeOn(Schedulers.boundedElastic())
                .flatMap(tree -> tree.isEmpty()
                        ? Mono.just(Optional.empty())
                        : Mono.justOrEmpty(tree.get().first())
                                .flatMap(this::state)
                                .map(Optional::of)
                                .defaultIfEmpty(Optional.empty())
                                .map(state -> Optional.of(page(new TaskStory(tree.get(), state.orElse(null))))));
    }

    /** What governs the task of that decision: no template does where its record names none. */
    Mono<Optional<TaskPolicy>> policy(JsonObject decision) {
        String revision = decision.string("revision");
        return revision == null ? Mono.just(Optional.of(GoverningPolicies.UNTEMPLATED)) : policies.find(revision);
    }

    private List<JsonObject> records(String task) throws IOException {
        return new LogReader(log).task(task).stream().map(LogReader.Entry::json).toList();
    }

    private static Page page(TaskStory story) {
        return new Page(story.toJson(), story.toText());
    }

    /**
     * How the task of that decision stands. Empty where the store does not answer or the policy is not known any more: the
     * log alone then tells.
     */
    Mono<String> state(JsonObject decision) {
        String task = decision.string("task");
        if (task == null) {
            return Mono.empty();
        }
        return policy(decision)
                .flatMap(Mono::justOrEmpty)
                .flatMap(policy -> tasks.apply(new TaskKey(task), policy, new TaskStep.Look()))
                .mapNotNull(TaskTrees::state)
                .map(state -> state.name().toLowerCase(Locale.ROOT))
                .onErrorResume(StoreUnavailableException.class, e -> Mono.empty());
    }

    private static @Nullable TaskState state(TaskOutcome outcome) {
        if (outcome instanceof TaskOutcome.Ended ended) {
            return ended.state();
        }
        return outcome instanceof TaskOutcome.Done done ? done.state() : null;
    }
}
