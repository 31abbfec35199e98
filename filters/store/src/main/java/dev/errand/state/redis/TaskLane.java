package dev.errand.state.redis;

import dev.errand.jose.ProofClaim;
import dev.errand.state.StateListener;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.StepScript;
import dev.errand.state.redis.link.StoreClock;
import dev.errand.task.Task;
import dev.errand.task.TaskEpoch;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.step.StepBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The steps of one task on this replica. One script runs at a time; steps that wait meanwhile are the next batch, which
 * {@link BatchCommit} applies in their order by {@code StepBatch.apply}. {@link RedisLink} runs the script,
 * {@link StepScript}. The lane remembers the record that it wrote last, so it need not read it as long as no other
 * replica writes. Thread-safe, never blocking.
 */
final class TaskLane {
    private static final int MAX_CONFLICTS = 256;
    private static final long OWN_BYTES = 500;

    private final TaskKey key;
    private final LaneRecord record;
    private final LaneMemory memory;
    private final RedisLink link;
    private final StoreClock clock;
    private final StateListener listener;
    private final LaneEvents events;
    private final LaneQueue queue = new LaneQueue();
    private final LaneUpkeep upkeep = new LaneUpkeep();

    private volatile long usedNanos = System.nanoTime();
    /** The bytes that {@link Lanes} last counted for this lane; used only under its lock. */
    private long weighed;

    /**
     * @param knownEpoch the epoch of the newest record of the task that this replica knew before it dropped the task's
     *     lane
     */
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
        this.memory = new LaneMemory(record, knownEpoch);
        this.link = link;
        this.clock = clock;
        this.listener = listener;
        this.events = events;
    }

    void submit(WaitingStep waiting) {
        usedNanos = System.nanoTime();
        if (queue.add(waiting)) {
            next();
        }
    }

    /** Tells the lane that another replica changed the task: it reads the record before the next step. */
    void doubt() {
        memory.doubt();
    }

    boolean isIdleFor(long nanos) {
        return System.nanoTime() - usedNanos > nanos;
    }

    /** The policy that the task was last read by, or null. */
    @Nullable TaskPolicy policy() {
        return memory.policy();
    }

    /** The task as this replica read or wrote it last, or null. */
    @Nullable Task task() {
        CachedRecord last = memory.last();
        return last == null ? null : last.task();
    }

    /** The approximate size of the lane, in bytes. */
    long weight() {
        return OWN_BYTES + memory.weight();
    }

    /** Notes the bytes that were counted for this lane. */
    void weighed(long bytes) {
        weighed = bytes;
    }

    /** The bytes that were last counted for this lane. */
    long weighed() {
        return weighed;
    }

    /** The epoch of the newest record that is known. */
    TaskEpoch epoch() {
        return memory.epoch();
    }

    private void next() {
        LaneBatch batch = queue.next();
        if (batch != null) {
            attempt(batch);
        }
    }

    private void attempt(LaneBatch batch) {
        batch.steps.removeIf(WaitingStep::isDone);
        if (batch.steps.isEmpty()) {
            next();
            return;
        }
        if (batch.scripts > MAX_CONFLICTS) {
            fail(batch, new StoreUnavailableException("the task changes faster than it can be decided"));
            return;
        }
        try {
            CachedRecord last = memory.last();
            if (last == null && clock.isKnown() && batch.steps.get(0).step instanceof TaskStep.Start) {
                last = new CachedRecord(StepScript.ABSENT, null, batch.policy);
            }
            if (last == null || memory.isStale() || !clock.isKnown()) {
                fetch(batch, StepScript.UNKNOWN, Set.of());
                return;
            }
            CachedRecord bound = last.bind(batch.policy);
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

    /** Reads the parts, and also the record unless its tag is the given one. */
    private void fetch(LaneBatch batch, byte[] tag, Set<String> parts) {
        List<String> names = List.copyOf(parts);
        send(batch, StepScript.Run.read(tag, LaneRecord.fields(names)), null, names);
    }

    private void judge(LaneBatch batch, CachedRecord last) {
        BatchCommit judgement = BatchCommit.of(batch, last, record, key, clock.nowMillis(), upkeep.isSmall());
        if (last.task() == null && judgement.after().task() != null) {
            upkeep.making();
        }
        send(batch, judgement.run(), judgement, judgement.reads());
    }

    /** @param names the names of the parts that the run reads */
    private void send(LaneBatch batch, StepScript.Run run, @Nullable BatchCommit judged, List<String> names) {
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
                } else if (judged == null) {
                    throw new IllegalStateException("the store took an unknown tag for its own");
                } else if (answer instanceof StepScript.Answer.Used used) {
                    refuseRepeated(batch, judged, used);
                } else {
                    written(batch, judged);
                }
            } catch (RuntimeException bug) {
                fail(batch, bug);
            }
        });
    }

    private void read(LaneBatch batch, StepScript.Answer.Other other, List<String> names) {
        Set<String> lacks = memory.read(batch, other, names);
        if (lacks.isEmpty()) {
            attempt(batch);
        } else {
            fetch(batch, StepScript.tag(other.record()), lacks);
        }
    }

    /** Nothing was written because some proofs are used: answers their steps, and judges the other steps again. */
    private void refuseRepeated(LaneBatch batch, BatchCommit judged, StepScript.Answer.Used used) {
        List<WaitingStep> replayed = new ArrayList<>();
        Set<String> counted = new HashSet<>(batch.counted);
        for (int claim : used.fields()) {
            WaitingStep claimant = batch.steps.get(judged.claimants().get(claim));
            ProofClaim proof = StepBatch.presented(claimant.step);
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
    }

    private void written(LaneBatch batch, BatchCommit judged) {
        memory.remember(judged.after());
        Task after = judged.after().task();
        if (after != null) {
            upkeep.expire(link, record.keys().record(), after.forgetAtMillis());
        }
        settled(batch, judged);
    }

    private void settled(LaneBatch batch, BatchCommit judged) {
        listener.committed(batch.steps.size(), batch.scripts, Duration.ofNanos(System.nanoTime() - batch.startedNanos));
        boolean endedByRollback = memory.isEndedByRollback();
        Task after = judged.after().task();
        byte[] announcement = judged.announcement();
        if (announcement != null) {
            link.announce(announcement);
        }
        if (after != null) {
            upkeep.marked(key, after, judged.marks(), judged.marksUntilMillis(), events);
            if (judged.applied().ended() || endedByRollback) {
                events.ended(key, after);
            }
        }
        if (judged.restored()) {
            events.rolledBack(key, endedByRollback);
            memory.toldRollback();
        }
        for (int i = 0; i < batch.steps.size(); i++) {
            batch.steps.get(i).complete(judged.applied().outcomes().get(i));
        }
        next();
    }

    private void fail(LaneBatch batch, Throwable failure) {
        memory.doubt();
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        listener.failed(batch.steps.size(), String.valueOf(cause.getMessage()));
        batch.steps.forEach(waiting -> waiting.completeExceptionally(cause));
        next();
    }
}
