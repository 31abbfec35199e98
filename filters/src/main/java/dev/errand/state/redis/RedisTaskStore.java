package dev.errand.state.redis;

import dev.errand.loop.Continuation;
import dev.errand.loop.EndOfTurn;
import dev.errand.state.StateListener;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.ProofClaim;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The state of all tasks in Redis 6.2 or later, Valkey, or a Redis Cluster (all keys of a task share a slot). A step is
 * computed here, by the pure {@code Task.apply}, and committed by one script that compares and swaps: one script call
 * where this replica also decided the task's last step, one more for each step that another replica put in between, and none
 * for a proof that this replica saw used of late.
 * Thread-safe, never blocking; outcomes come where the subscriber's {@link Continuation} says.
 */
public final class RedisTaskStore implements TaskStore {
    /** The most tasks whose last value is remembered: an optimisation only, a miss costs one script call. */
    static final int MAX_LANES = 10_000;

    private final RedisLink link;
    private final Duration timeout;
    private final RecordTerms terms;
    private final StateListener listener;
    private final StoreClock clock = new StoreClock();
    private final SeenProofs seen = new SeenProofs();
    private final Sinks.Many<TaskKey> endings = Sinks.many().multicast().directBestEffort();
    private final Map<TaskKey, TaskLane> lanes = new LinkedHashMap<>(256, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.@Nullable Entry<TaskKey, TaskLane> eldest) {
            return size() > MAX_LANES;
        }
    };

    /**
     * @param link the connection; stays the caller's to close
     * @param timeout how long a step may take in all, waiting included
     */
    public RedisTaskStore(RedisLink link, Duration timeout, StateListener listener) {
        this(link, timeout, listener, RecordTerms.NEWEST);
    }

    /** The same, with how records are written. */
    public RedisTaskStore(RedisLink link, Duration timeout, StateListener listener, RecordTerms terms) {
        this.link = link;
        this.terms = terms;
        this.timeout = timeout;
        this.listener = listener;
        link.onAnnouncement(this::announced);
    }

    @Override
    public Mono<TaskOutcome> apply(TaskKey key, TaskPolicy policy, TaskStep step) {
        return Mono.deferContextual(context -> {
            TaskOutcome repeated = seen.repeated(key, step);
            if (repeated != null) {
                return Mono.just(repeated);
            }
            int endings = seen.endings();
            EndOfTurn turn = EndOfTurn.of(context);
            TaskLane.Waiting waiting = new TaskLane.Waiting(policy, step, turn);
            Disposable deadline = Deadlines.after(timeout, turn, () -> refuse(waiting));
            waiting.whenComplete((outcome, failure) -> {
                deadline.dispose();
                if (outcome != null) {
                    seen.remember(key, step, outcome, endings);
                }
            });
            lane(key).submit(waiting);
            return Mono.fromFuture(waiting).publishOn(Continuation.of(context));
        });
    }

    @Override
    public @Nullable TaskOutcome repeated(TaskKey key, TaskPolicy policy, List<TokenAccount> chain, ProofClaim proof) {
        return proof.isClaimed()
                ? seen.repeated(key, chain.get(chain.size() - 1).id(), proof)
                : null;
    }

    private void refuse(TaskLane.Waiting waiting) {
        String why = "the state store did not answer within " + timeout.toMillis() + " ms";
        if (waiting.completeExceptionally(new StoreUnavailableException(why))) {
            listener.failed(1, "late");
        }
    }

    @Override
    public Flux<TaskKey> endings() {
        return endings.asFlux();
    }

    @Override
    public boolean isAvailable() {
        return link.isAnswering();
    }

    private TaskLane lane(TaskKey key) {
        synchronized (lanes) {
            return lanes.computeIfAbsent(key, k -> new TaskLane(k, terms, link, clock, listener, this::ended));
        }
    }

    private void announced(byte[] message) {
        TaskKey key = new TaskKey(new String(message, StandardCharsets.US_ASCII));
        TaskLane lane;
        synchronized (lanes) {
            lane = lanes.get(key);
        }
        if (lane != null) {
            lane.forget();
        }
        ended(key);
    }

    private void ended(TaskKey key) {
        seen.ended();
        synchronized (endings) {
            endings.tryEmitNext(key);
        }
    }
}
