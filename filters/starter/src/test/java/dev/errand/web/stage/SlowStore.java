package dev.errand.web.stage;

import dev.errand.jose.ProofClaim;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Applies every step at once; what those of one kind came to it says when it is asked to. */
public final class SlowStore implements TaskStore {
    public final InMemoryTaskStore applied = new InMemoryTaskStore();
    private final Class<? extends TaskStep> slow;
    private final Sinks.Empty<Void> told = Sinks.empty();

    public SlowStore(Class<? extends TaskStep> slow) {
        this.slow = slow;
    }

    @Override
    public Mono<TaskOutcome> apply(TaskKey key, TaskPolicy policy, TaskStep step) {
        Mono<TaskOutcome> outcome = applied.apply(key, policy, step);
        return slow.isInstance(step) ? outcome.flatMap(known -> told.asMono().thenReturn(known)) : outcome;
    }

    @Override
    public @Nullable TaskOutcome repeated(TaskKey key, TaskPolicy policy, List<TokenAccount> chain, ProofClaim proof) {
        return applied.repeated(key, policy, chain, proof);
    }

    @Override
    public Flux<TaskKey> endings() {
        return applied.endings();
    }

    @Override
    public boolean isAvailable() {
        return true;
    }

    /** Says what the slow steps came to. */
    public void tell() {
        told.tryEmitEmpty();
    }

    /** How many slow steps are waited for. */
    public int waiting() {
        return told.currentSubscriberCount();
    }
}
