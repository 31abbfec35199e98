package dev.errand.state;

import dev.errand.task.ProofClaim;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The state of all tasks, shared by all replicas. Thread-safe, never blocking. */
public interface TaskStore {
    /**
     * Applies one step atomically. Ends with a {@link StoreUnavailableException} if the store did not answer within
     * the configured time: the call must then be refused, and a debit that may have been made is kept.
     */
    Mono<TaskOutcome> apply(TaskKey key, TaskPolicy policy, TaskStep step);

    /**
     * The outcome of a step with this proof, if this process knows without asking that the proof was used. So a
     * repetition makes nobody wait. Null if it does not know; a step then decides.
     *
     * @param chain the accounts of the chain that is presented with the proof, root first
     */
    default @Nullable TaskOutcome repeated(TaskKey key, TaskPolicy policy, List<TokenAccount> chain, ProofClaim proof) {
        return null;
    }

    /**
     * Whether what was written of the task by now is at one replica of the store at least, so that a failover keeps it. False where
     * that is not known within 100 ms, and where the store has no replica. Never fails.
     */
    default Mono<Boolean> confirm(TaskKey key) {
        return Mono.just(false);
    }

    /**
     * Whether what was written of the task by now is kept by a failover: it is at one replica of the store at least, or the store
     * has none. False where that is not known within 100 ms. Never fails.
     */
    default Mono<Boolean> survives(TaskKey key) {
        return Mono.just(true);
    }

    /** Keys of tasks whose state or any of whose tokens ended, on whichever replica. Hot; may lose events. */
    Flux<TaskKey> endings();

    /** Whether the store answered lately, for readiness and for the cutting of streams. */
    boolean isAvailable();
}
