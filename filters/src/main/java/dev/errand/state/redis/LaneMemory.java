package dev.errand.state.redis;

import dev.errand.state.StoreUnavailableException;
import dev.errand.task.Reading;
import dev.errand.task.Task;
import dev.errand.task.TaskEpoch;
import dev.errand.task.TaskPolicy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What this replica knows of one task's record: the one that it read or wrote last, and which is the newest. Changed by the batch
 * under way alone; {@link #doubt}, {@link #policy} and {@link #epoch} are for any thread.
 */
final class LaneMemory {
    private final LaneRecord record;
    /** The epoch of the task as this replica knew it before it made room for others. */
    private final TaskEpoch knownEpoch;

    private volatile @Nullable Remembered remembered;
    /** Whether the store may have a newer record than the remembered one. */
    private volatile boolean stale;
    /** Whether the remembered record ends the task because the store lost newer ones. */
    private boolean endedByRollback;

    LaneMemory(LaneRecord record, TaskEpoch knownEpoch) {
        this.record = record;
        this.knownEpoch = knownEpoch;
    }

    /** The store may have a newer record: it is read before the next step. */
    void doubt() {
        stale = true;
    }

    boolean isStale() {
        return stale;
    }

    @Nullable Remembered last() {
        return remembered;
    }

    /** The record that was written last. */
    void wrote(Remembered written) {
        remembered = written;
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

    /** Whether the remembered record ends the task because the store lost newer ones. */
    boolean isEndedByRollback() {
        return endedByRollback;
    }

    /** The ending of {@link #isEndedByRollback} was written and told. */
    void toldRollback() {
        endedByRollback = false;
    }

    /**
     * Takes the record as the store has it. An older one than is known is not taken: the remembered one is to be written over it, or
     * the task ends where only its number is known.
     *
     * @param names of the parts that were read with it
     * @return the parts that the batch looks at and that must be read first; if empty, {@link #last} may be judged by
     * @throws StoreUnavailableException if the record cannot be read, or was not written by one of us
     */
    Set<String> read(LaneBatch batch, StepScript.Answer.Other other, List<String> names) {
        byte[] tag = StepScript.tag(other.record());
        if (tag.length == 0) {
            stale = false;
            remembered = new Remembered(tag, null, batch.policy);
            return Set.of();
        }
        Remembered last = remembered;
        byte[] value = record.open(other.record());
        if (record.epochOf(value).isBefore(epoch())) {
            stale = false;
            rollBack(batch, tag, value, last);
            return Set.of();
        }
        batch.fetched.putAll(record.open(names, other.parts()));
        Task known = last == null ? null : last.bind(batch.policy).task();
        Reading reading = record.read(value, batch.fetched, known, batch.policy, batch.toApply());
        if (reading instanceof Reading.Whole whole) {
            stale = false;
            remembered = new Remembered(tag, whole.task(), batch.policy);
            return Set.of();
        }
        Set<String> lacks = ((Reading.Lacks) reading).parts();
        if (Arrays.equals(tag, batch.lackingTag) && names.containsAll(lacks)) {
            throw new StoreUnavailableException("the store has lost a part of a task's record");
        }
        batch.lackingTag = tag;
        return lacks;
    }

    private void rollBack(LaneBatch batch, byte[] tag, byte[] value, @Nullable Remembered last) {
        if (last != null && last.task() != null) {
            remembered = last.over(tag);
            return;
        }
        Reading reading = record.read(value, Map.of(), null, batch.policy, List.of());
        if (!(reading instanceof Reading.Whole whole)) {
            throw new StoreUnavailableException("the store has an older record of the task than this replica knew");
        }
        remembered = new Remembered(tag, whole.task().rolledBack(epoch()), batch.policy, true);
        endedByRollback = true;
    }
}
