package dev.errand.state.redis;

import dev.errand.loop.EndOfTurn;
import dev.errand.state.StateListener;
import dev.errand.state.StoreUnavailableException;
import dev.errand.task.ProofClaim;
import dev.errand.task.Reading;
import dev.errand.task.Task;
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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
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
    private final Consumer<TaskKey> onEnding;
    private final Deque<Waiting> queue = new ArrayDeque<>();
    private boolean busy;
    private volatile @Nullable Remembered remembered;

    TaskLane(
            TaskKey key,
            RecordTerms terms,
            RedisLink link,
            StoreClock clock,
            StateListener listener,
            Consumer<TaskKey> onEnding) {
        this.key = key;
        this.record = new LaneRecord(key, terms);
        this.link = link;
        this.clock = clock;
        this.listener = listener;
        this.onEnding = onEnding;
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

    void submit(Waiting waiting) {
        synchronized (queue) {
            queue.add(waiting);
            if (busy) {
                return;
            }
            busy = true;
        }
        next();
    }

    void forget() {
        remembered = null;
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
            if (last == null || !clock.isKnown()) {
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
            remembered = new Remembered(tag, null, batch.policy);
            attempt(batch);
            return;
        }
        batch.fetched.putAll(record.open(names, other.parts()));
        Remembered last = remembered;
        Task known = last == null ? null : last.bind(batch.policy).task();
        Reading reading = record.read(other.record(), batch.fetched, known, batch.policy, batch.toApply());
        if (reading instanceof Reading.Whole whole) {
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
        if (judged.applied().ended()) {
            onEnding.accept(key);
        }
        for (int i = 0; i < batch.steps.size(); i++) {
            batch.steps.get(i).complete(judged.applied().outcomes().get(i));
        }
        next();
    }

    private void fail(LaneBatch batch, Throwable failure) {
        remembered = null;
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        listener.failed(batch.steps.size(), String.valueOf(cause.getMessage()));
        batch.steps.forEach(waiting -> waiting.completeExceptionally(cause));
        next();
    }
}
