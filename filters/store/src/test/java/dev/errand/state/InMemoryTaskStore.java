package dev.errand.state;

import dev.errand.jose.ProofClaim;
import dev.errand.task.Task;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import dev.errand.task.step.StepBatch;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The state of all tasks in the memory of one process: for one replica without Redis, and for tests. It applies the
 * same steps as the Redis store. When the process ends, the state is lost, and all its tasks have ended.
 */
public final class InMemoryTaskStore implements TaskStore {
    private static final int SWEEP_EVERY = 256;

    private final Map<TaskKey, Entry> entries = new ConcurrentHashMap<>();
    private final Sinks.Many<TaskKey> endings = Sinks.many().multicast().directBestEffort();
    private final LongSupplier clockMillis;
    private int sinceSweep;

    /** A store on the system's clock. */
    public InMemoryTaskStore() {
        this(System::currentTimeMillis);
    }

    /** @param clockMillis the clock to use instead of the system's, epoch milliseconds */
    public InMemoryTaskStore(LongSupplier clockMillis) {
        this.clockMillis = clockMillis;
    }

    @Override
    public Mono<TaskOutcome> apply(TaskKey key, TaskPolicy policy, TaskStep step) {
        return Mono.fromCallable(() -> {
            sweepNowAndThen();
            boolean[] ended = new boolean[1];
            TaskOutcome[] outcome = new TaskOutcome[1];
            entries.compute(key, (k, entry) -> {
                Entry now = entry == null ? new Entry() : entry;
                outcome[0] = now.apply(policy, step, clockMillis.getAsLong(), ended);
                return now.task == null ? null : now;
            });
            if (ended[0]) {
                announce(key);
            }
            return outcome[0];
        });
    }

    @Override
    public @Nullable TaskOutcome repeated(TaskKey key, TaskPolicy policy, List<TokenAccount> chain, ProofClaim proof) {
        if (!proof.isClaimed()) {
            return null;
        }
        @Nullable TaskOutcome[] outcome = new TaskOutcome[1];
        entries.computeIfPresent(key, (k, entry) -> {
            outcome[0] = entry.repeated(policy, chain, proof, clockMillis.getAsLong());
            return entry;
        });
        return outcome[0];
    }

    @Override
    public Flux<TaskKey> endings() {
        return endings.asFlux();
    }

    @Override
    public boolean isAvailable() {
        return true;
    }

    private void announce(TaskKey key) {
        synchronized (endings) {
            endings.tryEmitNext(key);
        }
    }

    private synchronized void sweepNowAndThen() {
        if (++sinceSweep >= SWEEP_EVERY) {
            sinceSweep = 0;
            long now = clockMillis.getAsLong();
            entries.values().removeIf(entry -> entry.isOver(now));
        }
    }

    /** One task; used only within {@code compute} of its key. */
    private static final class Entry {
        private @Nullable Task task;
        private @Nullable TaskPolicy policy;
        private final Map<String, Long> proofs = new LinkedHashMap<>();
        /** Proofs of denied calls. The denial was counted, but the proof may still be used. */
        private final Map<String, Long> denied = new LinkedHashMap<>();

        private TaskOutcome apply(TaskPolicy by, TaskStep step, long nowMillis, boolean[] ended) {
            Task current = task;
            if (current != null && current.forgetAtMillis() <= nowMillis) {
                current = null;
            }
            if (current != null && policy != null) {
                current = current.rebind(policy, by);
            }
            forget(proofs, nowMillis);
            forget(denied, nowMillis);
            ProofClaim presented = StepBatch.presented(step);
            Set<String> counted =
                    presented != null && isKept(denied, presented, nowMillis) ? Set.of(presented.hash()) : Set.of();
            StepBatch.Applied applied = StepBatch.apply(by, current, List.of(step), nowMillis, counted);
            TaskOutcome outcome = applied.outcomes().get(0);
            if (presented != null && !(outcome instanceof TaskOutcome.Ended) && isKept(proofs, presented, nowMillis)) {
                return new TaskOutcome.Replayed();
            }
            ProofClaim claimed = StepBatch.claimed(step, outcome);
            if (claimed != null) {
                proofs.put(claimed.hash(), nowMillis + claimed.keepMillis());
            }
            if (presented != null && applied.counted().contains(presented.hash())) {
                denied.put(presented.hash(), nowMillis + presented.keepMillis());
            }
            task = applied.next();
            policy = by;
            ended[0] = applied.ended();
            return outcome;
        }

        private @Nullable TaskOutcome repeated(
                TaskPolicy by, List<TokenAccount> chain, ProofClaim proof, long nowMillis) {
            Task current = task;
            if (current == null || policy == null || !isKept(proofs, proof, nowMillis)) {
                return null;
            }
            TaskStep look =
                    new TaskStep.Look(chain.stream().map(TokenAccount::id).toList());
            TaskOutcome stands = StepBatch.apply(by, current.rebind(policy, by), List.of(look), nowMillis)
                    .outcomes()
                    .get(0);
            return stands instanceof TaskOutcome.Ended over
                    ? new TaskOutcome.Replayed(over)
                    : new TaskOutcome.Replayed();
        }

        private static boolean isKept(Map<String, Long> kept, ProofClaim proof, long nowMillis) {
            Long until = kept.get(proof.hash());
            return until != null && until > nowMillis;
        }

        /**
         * Removes expired proofs. All proofs are kept equally long and in order, so the walk ends at the first that has
         * not expired.
         */
        private static void forget(Map<String, Long> kept, long nowMillis) {
            Iterator<Long> oldest = kept.values().iterator();
            while (oldest.hasNext() && oldest.next() <= nowMillis) {
                oldest.remove();
            }
        }

        private boolean isOver(long nowMillis) {
            Task current = task;
            return current != null && current.forgetAtMillis() <= nowMillis;
        }
    }
}
