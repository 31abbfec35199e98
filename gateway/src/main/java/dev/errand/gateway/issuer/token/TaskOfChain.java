package dev.errand.gateway.issuer.token;

import dev.errand.delegation.RootFacts.TaskFacts;
import dev.errand.delegation.VerifiedChain;
import dev.errand.sequence.SequencePolicy;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskPolicy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The task that a chain belongs to: the key of its state, and the policy it runs under. */
record TaskOfChain(TaskKey key, TaskPolicy policy) {
    /** Empty for a task whose revision nobody has any more. */
    static Mono<Optional<TaskOfChain>> find(VerifiedChain chain, PolicySource policies) {
        @Nullable TaskFacts task = chain.root().task();
        if (task == null) {
            TaskKey key = new TaskKey(chain.rootToken().id().hash());
            return Mono.just(Optional.of(new TaskOfChain(key, FOREIGN)));
        }
        TaskKey key = new TaskKey(task.id());
        return policies.find(task.revision()).map(policy -> policy.map(found -> new TaskOfChain(key, found)));
    }

    /** A task of another anchor has no plan, rules or reactions; ending and looking need no more. */
    private static final TaskPolicy FOREIGN = new TaskPolicy(
            "",
            "",
            List.of(),
            Map.of(),
            null,
            SequencePolicy.ANY_ORDER,
            TaskPolicy.Reactions.NEVER_INTERRUPT,
            TaskPolicy.Cut.SUBTREE,
            TaskPolicy.Flow.OFF,
            false);
}
