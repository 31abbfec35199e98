package dev.errand.state.redis;

import dev.errand.loop.EndOfTurn;
import dev.errand.state.StateListener;
import dev.errand.state.StoreUnavailableException;
import dev.errand.task.ProofClaim;
import dev.errand.task.Reading;
import dev.errand.task.Task;
import dev.errand.task.TaskEpoch;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The steps of one task on this replica: one script in flight, the steps that wait meanwhile are the next batch, at
 * most {@value #MAX_BATCH}, applied in their order. It remembers the value it wrote last, which saves the reading as
 * long as no other replica writes. Thread-safe, never blocking.
 */
final class TaskLane {
    static final int MAX_BATCH = 64;
    private static final int MAX_CONFLICTS = 256;

    private final TaskKey key;
    private final LaneRecord record;
    private final RedisLink link;
    private final StoreClock clock;
    private final StateListener listener;
    private final LaneEvents events;
    /** The epoch of the task as this replica knew it before it made room for others. */
    private final TaskEpoch knownEpoch;

    private final Deque<Waiting> queue = new ArrayDeque<>();
    private boolean busy;
    private volatile @Nullable Remembered remembered;
    /** Whether the store may have a newer record than the remembered one. */
    private volatile boolean stale;
    /** Whether the remembered record ends the task because the store lost newer ones; by the batch under way alone. */
    private boolean endedByRollback;

    private volatile long usedNanos = System.nanoTime();

    TaskLane(
            TaskKey key,
            RecordTerms terms,
            RedisLink link,
            StoreClock clock,
            StateListener listener,
            LaneEvents events,
            TaskEpoch knownEpoch) {
        this.key = key;
        this.record = new LaneRecord(key, terms);
        this.link = link;
        this.clock = clock;
        this.listener = listener;
        this.events = events;
        this.knownEpoch = knownEpoch;
    }

    /** One step on its way; cancelled when its caller no longer waits. */
    static final class Waiting extends CompletableFuture<TaskOutcome> {
        final TaskPolicy policy;
        final TaskStep step;
        final EndOfTurn turn;

        /** @param turn of the event loop that submits it */
        Waiting(TaskPolicy policy, TaskStep step, EndOfTurn turn) {
            this.policy = policy;
            this.step = step;
            this.turn = turn;
        }
    }

    /** What a lane tells its store. */
    interface LaneEvents {
        /** Something of the task ended here. */
        void ended(TaskKey key, Task task);

        /**
         * The store came back with an older record of the task than this replica knew.
         *
         * @param interrupted whether the task was ended because only the number of its newest record is known
         */
        void rolledBack(TaskKey key, boolean interrupted);
    }

    void submit(Waiting waiting) {
        usedNanos = System.nanoTime();
        synchronized (queue) {
            queue.add(waiting);
            if (busy) {
                return;
            }
            busy = true;
        }
        next();
    }

    /** Another replica changed the task: its record is read before the next step. */
    void doubt() {
        stale = true;
    }

    boolean isIdleFor(long nanos) {
        return System.nanoTime() - usedNanos > nanos;
    }

    /** The policy by which the task was read last, or null. */
    @Nullable TaskPolicy policy() {
        Remembered last = remembered;
        return last == null ? null : last.policy();
    }

    /** The epoch of the newest record that is known. */
    TaskEpoch epoch() {
        Remembered last = remembered;
        Task task = last == null ? null : last.task();
        return task == null ? knownEpoch : task.epoch();
    }

    private void next() {
        List<Waiting> batch = new ArrayList<>();
        synchronized (queue) {
            while (batch.size() < MAX_BATCH) {
                Waiting head = queue.peek();
                if (head == null || (!batch.isEmpty() && batch.get(0).policy != head.policy)) {
                    break;
                }
                queue.remove();
                if (!head.isDone()) {
                    batch.add(head);
                }
            }
            if (batch.isEmpty()) {
                busy = false;
                return;
            }
        }
        attempt(new LaneBatch(batch));
    }

    private void attempt(LaneBatch batch) {
        batch.steps.removeIf(Waiting::isDone);
        if (batch.steps.isEmpty()) {
            next();
            return;
        }
        if (batch.scripts > MAX_CONFLICTS) {
            fail(batch, new StoreUnavailableException("the task changes faster than it can be decided"));
            return;
        }
        try {
            Remembered last = remembered;
            if (last == null && clock.isKnown() && batch.steps.get(0).step instanceof TaskStep.Start) {
                last = new Remembered(StepScript.ABSENT, null, batch.policy);
            }
            if (last == null || stale || !clock.isKnown()) {
                fetch(batch, StepScript.UNKNOWN, Set.of());
                return;
            }
            Remembered bound = last.bind(batch.policy);
            Set<String> lacks = bound.task() == null ? Set.of() : record.lacks(bound.task(), batch.toApply());
            if (lacks.isEmpty()) {
                judge(batch, bound);
            } else {
                fetch(batch, last.tag(), lacks);
            }
        } catch (RuntimeException bug) {
            fail(batch, bug);
        }
    }

    /** Reads the record, if its tag is not that one, and parts of it. */
    private void fetch(LaneBatch batch, byte[] tag, Set<String> parts) {
        List<String> names = List.copyOf(parts);
        send(batch, StepScript.Run.read(tag, record.keys(names)), null, names);
    }

    private void judge(LaneBatch batch, Remembered last) {
        Judgement judgement = Judgement.of(batch, last, record, key, clock.nowMillis());
        send(batch, judgement.run(), judgement, judgement.reads());
    }

    /** @param names of the parts that the run reads */
    private void send(LaneBatch batch, StepScript.Run run, @Nullable Judgement judged, List<String> names) {
        batch.scripts++;
        long asked = System.nanoTime();
        link.step(record.keys().record(), run, batch.turn).whenComplete((answer, failure) -> {
            try {
                if (failure != null) {
                    fail(batch, failure);
                    return;
                }
                clock.heard(asked, System.nanoTime(), answer.timeMicros());
                if (answer instanceof StepScript.Answer.Other other) {
                    if (judged != null) {
                        listener.conflict();
                    }
                    read(batch, other, names);
                } else {
                    heard(batch, judged, answer);
                }
            } catch (RuntimeException bug) {
                fail(batch, bug);
            }
        });
    }

    /** The record as it is in the store: remembered, once all parts are there that the batch looks at. */
    private void read(LaneBatch batch, StepScript.Answer.Other other, List<String> names) {
        byte[] tag = StepScript.tag(other.record());
        if (tag.length == 0) {
            stale = false;
            remembered = new Remembered(tag, null, batch.policy);
            attempt(batch);
            return;
        }
        Remembered last = remembered;
        if (record.epochOf(other.record()).isBefore(epoch())) {
            stale = false;
            rollBack(batch, tag, other, last);
            return;
        }
        batch.fetched.putAll(record.open(names, other.parts()));
        Task known = last == null ? null : last.bind(batch.policy).task();
        Reading reading = record.read(other.record(), batch.fetched, known, batch.policy, batch.toApply());
        if (reading instanceof Reading.Whole whole) {
            stale = false;
            remembered = new Remembered(tag, whole.task(), batch.policy);
            attempt(batch);
            return;
        }
        Set<String> lacks = ((Reading.Lacks) reading).parts();
        if (Arrays.equals(tag, batch.lackingTag) && names.containsAll(lacks)) {
            throw new StoreUnavailableException("the store has lost a part of a task's record");
        }
        batch.lackingTag = tag;
        fetch(batch, tag, lacks);
    }

    /** The store has an older record: the remembered one is written over it, or the task ends where only its number is known. */
    private void rollBack(LaneBatch batch, byte[] tag, StepScript.Answer.Other other, @Nullable Remembered last) {
        if (last != null && last.task() != null) {
            remembered = last.over(tag);
            attempt(batch);
            return;
        }
        Reading reading = record.read(other.record(), Map.of(), null, batch.policy, List.of());
        if (!(reading instanceof Reading.Whole whole)) {
            throw new StoreUnavailableException("the store has an older record of the task than this replica knew");
        }
        remembered = new Remembered(tag, whole.task().rolledBack(epoch()), batch.policy, true);
        endedByRollback = true;
        attempt(batch);
    }

    private void heard(LaneBatch batch, @Nullable Judgement judged, StepScript.Answer answer) {
        if (judged == null) {
            throw new IllegalStateException("the store took an unknown tag for its own");
        }
        if (answer instanceof StepScript.Answer.Used used) {
            List<Waiting> replayed = new ArrayList<>();
            Set<String> counted = new HashSet<>(batch.counted);
            for (int claim : used.claims()) {
                Waiting claimant = batch.steps.get(judged.claimants().get(claim));
                ProofClaim proof = Task.presented(claimant.step);
                if (claim < judged.uses()) {
                    replayed.add(claimant);
                } else if (proof != null) {
                    counted.add(proof.hash());
                }
            }
            batch.counted = counted;
            batch.steps.removeAll(replayed);
            replayed.forEach(waiting -> waiting.complete(new TaskOutcome.Replayed()));
            attempt(batch);
            return;
        }
        remembered = judged.after();
        listener.committed(batch.steps.size(), batch.scripts, Duration.ofNanos(System.nanoTime() - batch.startedNanos));
        Task after = judged.after().task();
        if (after != null && (judged.applied().ended() || endedByRollback)) {
            events.ended(key, after);
        }
        if (judged.restored()) {
            events.rolledBack(key, endedByRollback);
            endedByRollback = false;
        }
        for (int i = 0; i < batch.steps.size(); i++) {
            batch.steps.get(i).complete(judged.applied().outcomes().get(i));
        }
        next();
    }

    private void fail(LaneBatch batch, Throwable failure) {
        stale = true;
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        listener.failed(batch.steps.size(), String.valueOf(cause.getMessage()));
        batch.steps.forEach(waiting -> waiting.completeExceptionally(cause));
        next();
    }
}
