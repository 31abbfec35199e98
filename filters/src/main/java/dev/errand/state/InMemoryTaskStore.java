package dev.errand.state;

import dev.errand.task.ProofClaim;
import dev.errand.task.Task;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The state of all tasks in the memory of one process: for one replica without Redis, and for tests. It applies the
 * very steps that the Redis store does. Lost when the process ends: then all its tasks have ended.
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

    /** A store on another clock, epoch milliseconds. */
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

    /** One task; only touched within {@code compute} of its key. */
    private static final class Entry {
        private @Nullable Task task;
        private @Nullable TaskPolicy policy;
        private final Map<String, Long> proofs = new HashMap<>();

        private TaskOutcome apply(TaskPolicy by, TaskStep step, long nowMillis, boolean[] ended) {
            Task current = task;
            if (current != null && current.forgetAtMillis() <= nowMillis) {
                current = null;
            }
            if (current != null && policy != null) {
                current = current.rebind(policy, by);
            }
            proofs.values().removeIf(until -> until <= nowMillis);
            Task.Applied applied = Task.apply(by, current, List.of(step), nowMillis);
            TaskOutcome outcome = applied.outcomes().get(0);
            ProofClaim presented = Task.presented(step);
            if (presented != null && !(outcome instanceof TaskOutcome.Ended) && proofs.containsKey(presented.hash())) {
                return new TaskOutcome.Replayed();
            }
            ProofClaim claimed = Task.claimed(step, outcome);
            if (claimed != null) {
                proofs.put(claimed.hash(), claimed.expiresAtMillis());
            }
            task = applied.next();
            policy = by;
            ended[0] = applied.ended();
            return outcome;
        }

        private boolean isOver(long nowMillis) {
            Task current = task;
            return current != null && current.forgetAtMillis() <= nowMillis;
        }
    }
}
