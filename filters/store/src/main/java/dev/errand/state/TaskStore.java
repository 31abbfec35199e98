package dev.errand.state;

import dev.errand.jose.ProofClaim;
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
     * Applies one step atomically. Fails with a {@link StoreUnavailableException} if the store did not answer within
     * the configured time: the call must then be refused, and a debit that may have been made is kept.
     */
    Mono<TaskOutcome> apply(TaskKey key, TaskPolicy policy, TaskStep step);

    /**
     * The outcome of a step with this proof, if this process knows without asking the store that the proof was used;
     * the answer to a repetition then waits for nothing. Null if it does not know; a step then decides.
     *
     * @param chain the accounts of the chain that is presented with the proof, root first
     */
    default @Nullable TaskOutcome repeated(TaskKey key, TaskPolicy policy, List<TokenAccount> chain, ProofClaim proof) {
        return null;
    }

    /**
     * Whether at least one replica of the store has everything written of the task so far, so that a failover keeps it.
     * False if that is not known within 100 ms, or if the store has no replica. Never fails.
     */
    default Mono<Boolean> confirm(TaskKey key) {
        return Mono.just(false);
    }

    /**
     * Whether a failover keeps everything written of the task so far: at least one replica of the store has it, or the
     * store has no replica. False if that is not known within 100 ms. Never fails.
     */
    default Mono<Boolean> survives(TaskKey key) {
        return Mono.just(true);
    }

    /** The key of a task whenever it, or a token of it, ends on any replica. A hot stream; may lose events. */
    Flux<TaskKey> endings();

    /** Whether the store answered lately; for readiness, and for deciding whether to cut streams. */
    boolean isAvailable();
}
