package dev.errand.state.redis;

import dev.errand.jose.ProofClaim;
import dev.errand.loop.Continuation;
import dev.errand.loop.EndOfTurn;
import dev.errand.state.StateListener;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.state.redis.link.ClockSkew;
import dev.errand.state.redis.link.Deadlines;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.StoreClock;
import dev.errand.task.BudgetUse;
import dev.errand.task.Task;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The state of all tasks in Redis 6.2 or later, Valkey, or a Redis Cluster (all keys of a task share a slot). Each step
 * goes to the {@link TaskLane} of its task, which computes it by the pure {@code StepBatch.apply} and commits it by one
 * script that compares and swaps. A step needs one script call if this replica also decided the task's last step. It needs
 * one more if another replica decided steps since, and one more each time that another replica decides one meanwhile. It
 * needs none for a proof that this replica lately saw used.
 * Thread-safe, never blocking; outcomes are delivered by the subscriber's {@link Continuation}.
 */
public final class RedisTaskStore implements TaskStore {
    private final RedisLink link;
    private final Duration timeout;
    private final ClockSkew skew;
    private final StateListener listener;
    private final StoreClock clock = new StoreClock();
    private final SeenProofs seen = new SeenProofs();
    private final Sinks.Many<TaskKey> endings = Sinks.many().multicast().directBestEffort();
    private final EndedTasks over;
    private final Lanes lanes;
    private final UsedProofs used;

    /**
     * @param link the connection; the caller must close it
     * @param timeout how long a step may take in all, including waiting
     * @param terms how records are written
     * @param skew how far this replica's clock may be from the store's
     */
    public RedisTaskStore(RedisLink link, Duration timeout, StateListener listener, RecordTerms terms, ClockSkew skew) {
        this.link = link;
        this.skew = skew;
        this.over = new EndedTasks(terms.seal());
        this.timeout = timeout;
        this.listener = listener;
        this.lanes = new Lanes((key, epoch) -> new TaskLane(key, terms, link, clock, listener, events, epoch));
        this.used = new UsedProofs(link, clock);
        link.onAnnouncement(this::announced);
        link.whileAnswering(used::sweep);
    }

    @Override
    public Mono<TaskOutcome> apply(TaskKey key, TaskPolicy policy, TaskStep step) {
        return Mono.deferContextual(context -> {
            TaskOutcome repeated = seen.repeated(key, step);
            if (repeated != null) {
                return Mono.just(repeated);
            }
            if ((step instanceof TaskStep.Proven || step instanceof TaskStep.Start) && skew.isTooFar(clock)) {
                return Mono.error(
                        new StoreUnavailableException("this replica's clock differs from the state store's by "
                                + clockSkew().toSeconds() + " s: set it right"));
            }
            int endings = seen.endings();
            TaskOutcome.Ended ended = overFor(key, step);
            if (ended != null) {
                seen.remember(key, step, ended, endings);
                return Mono.just(ended);
            }
            EndOfTurn turn = EndOfTurn.of(context);
            WaitingStep waiting = new WaitingStep(policy, step, turn);
            Disposable deadline = Deadlines.after(timeout, turn, () -> refuse(waiting));
            waiting.whenComplete((outcome, failure) -> {
                deadline.dispose();
                if (outcome != null) {
                    seen.remember(key, step, outcome, endings);
                }
            });
            lanes.of(key).submit(waiting);
            Mono<TaskOutcome> outcome = Mono.fromFuture(waiting).publishOn(Continuation.of(context));
            return step instanceof TaskStep.View ? outcome.map(found -> unlessOver(key, found)) : outcome;
        });
    }

    /** The found outcome, unless this replica knows that the task has ended and a store with older data does not. */
    private TaskOutcome unlessOver(TaskKey key, TaskOutcome found) {
        TaskOutcome.Ended ended = found instanceof TaskOutcome.Viewed ? overFor(key) : null;
        return ended == null ? found : new TaskOutcome.Over(ended, null);
    }

    @Override
    public @Nullable TaskOutcome repeated(TaskKey key, TaskPolicy policy, List<TokenAccount> chain, ProofClaim proof) {
        return proof.isClaimed()
                ? seen.repeated(key, chain.get(chain.size() - 1).id(), proof)
                : null;
    }

    private void refuse(WaitingStep waiting) {
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

    /** How far this replica's clock is ahead of the store's; negative if it is behind, zero until this is known. */
    public Duration clockSkew() {
        return skew.of(clock);
    }

    @Override
    public Mono<Boolean> confirm(TaskKey key) {
        return Mono.defer(() -> {
            TaskKeys keys = new TaskKeys(key);
            return Mono.fromFuture(link.confirm(keys.record(), keys.mark()), true);
        });
    }

    @Override
    public Mono<Boolean> survives(TaskKey key) {
        return Mono.defer(() -> {
            TaskKeys keys = new TaskKeys(key);
            return Mono.fromFuture(link.survives(keys.record(), keys.mark()), true);
        });
    }

    /**
     * Remembers that a task has ended, whatever the store says about it later.
     *
     * @param untilMillis when the task would have expired, epoch milliseconds
     */
    public void rememberEnded(TaskKey key, TaskOutcome.Ended ended, long untilMillis) {
        over.remember(key, ended, untilMillis);
    }

    /**
     * The fullest budgets and buckets of a task after this replica's last step, the fullest first; none if it remembers
     * no step.
     *
     * @param chain the accounts of the chain that was used last
     */
    public List<BudgetUse> uses(TaskKey key, TaskPolicy policy, List<TokenAccount> chain) {
        TaskLane lane = lanes.find(key);
        Task task = lane == null || !clock.isKnown() ? null : lane.task();
        return task == null ? List.of() : BudgetUse.of(task, policy, chain, clock.nowMillis());
    }

    /** How the task of a call or look ended, as far as this replica knows without asking the store; otherwise null. */
    private TaskOutcome.@Nullable Ended overFor(TaskKey key, TaskStep step) {
        boolean asks = step instanceof TaskStep.Proven
                || (step instanceof TaskStep.Look look && !look.chain().isEmpty());
        return asks ? overFor(key) : null;
    }

    private TaskOutcome.@Nullable Ended overFor(TaskKey key) {
        return over.find(key, clock.isKnown() ? clock.nowMillis() : System.currentTimeMillis());
    }

    private final LaneEvents events = new LaneEvents() {
        @Override
        public void ended(TaskKey key, Task task) {
            TaskOutcome.Ended ended = task.ending();
            if (ended != null) {
                over.remember(key, ended, task.expiresAtMillis());
            }
            RedisTaskStore.this.ended(key);
        }

        @Override
        public void rolledBack(TaskKey key, boolean interrupted) {
            listener.rolledBack(key.value(), interrupted);
            confirm(key).subscribe();
        }

        @Override
        public void marked(TaskKey key, long untilMillis, long overMillis) {
            used.removeAt(key, untilMillis, overMillis);
        }
    };

    private void announced(byte[] message) {
        String text = new String(message, StandardCharsets.US_ASCII);
        over.heard(text);
        TaskKey key;
        try {
            key = new TaskKey(text.split(" ", 2)[0]);
        } catch (IllegalArgumentException notOurs) {
            return;
        }
        TaskLane lane = lanes.find(key);
        if (lane != null) {
            lane.doubt();
            TaskPolicy policy = lane.policy();
            if (policy != null) {
                // Read the record now, so that this replica still knows the end if the store loses it later.
                lane.submit(new WaitingStep(policy, new TaskStep.Look(), EndOfTurn.NOW));
            }
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
