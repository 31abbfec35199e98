package dev.errand.state.redis;

import dev.errand.state.StoreUnavailableException;
import dev.errand.state.redis.link.StepScript;
import dev.errand.task.TaskEpoch;
import dev.errand.task.TaskPolicy;
import dev.errand.task.record.Reading;
import dev.errand.task.state.Task;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What this replica knows of one task's record: the one that it read or wrote last, and which is the newest. Changed by the batch
 * under way alone; {@link #doubt}, {@link #policy} and {@link #epoch} are for any thread.
 */
final class LaneMemory {
    private final LaneRecord record;
    /** Of the newest record that is known, whatever became of it in the store since. */
    private volatile TaskEpoch newest;

    private volatile @Nullable Remembered remembered;
    /** Whether the store may have a newer record than the remembered one. */
    private volatile boolean stale;
    /** Whether the remembered record ends the task because the store lost newer ones. */
    private boolean endedByRollback;

    /** @param newest the epoch of the task as this replica knew it before it made room for others */
    LaneMemory(LaneRecord record, TaskEpoch newest) {
        this.record = record;
        this.newest = newest;
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

    /** Takes what was written or read last. */
    void remember(Remembered known) {
        Task task = known.task();
        if (task != null) {
            newest = task.epoch();
        }
        remembered = known;
    }

    /** The policy by which the task was read last, or null. */
    @Nullable TaskPolicy policy() {
        Remembered last = remembered;
        return last == null ? null : last.policy();
    }

    /** About how many bytes the remembered record takes. */
    long weight() {
        Remembered last = remembered;
        Task task = last == null ? null : last.task();
        return task == null ? 0 : task.weight();
    }

    /** The epoch of the newest record that is known. */
    TaskEpoch epoch() {
        return newest;
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
     * Takes the store's record. A record that is older than the known one is not taken: the remembered one will be
     * written over it. If only the number of a newer one is known, the task ends.
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
        batch.fetched.putAll(record.open(names, other.parts()));
        if (last != null && last.restores() && Arrays.equals(tag, last.tag())) {
            return complete(batch, last, names);
        }
        if (record.epochOf(value).isBefore(newest)) {
            return rollBack(batch, tag, value, names);
        }
        Task known = last == null ? null : last.bind(batch.policy).task();
        Reading reading = record.read(value, batch.fetched, known, batch.policy, batch.toApply());
        if (reading instanceof Reading.Whole whole) {
            stale = false;
            remember(new Remembered(tag, whole.task(), batch.policy));
            return Set.of();
        }
        Set<String> lacks = ((Reading.Lacks) reading).parts();
        if (Arrays.equals(tag, batch.lackingTag) && names.containsAll(lacks)) {
            throw new StoreUnavailableException("the store has lost a part of a task's record");
        }
        batch.lackingTag = tag;
        return lacks;
    }

    private Set<String> rollBack(LaneBatch batch, byte[] tag, byte[] value, List<String> names) {
        Remembered last = remembered;
        if (last != null && last.task() != null) {
            stale = false;
            remembered = last.over(tag);
            return Set.of();
        }
        Reading reading = record.read(value, batch.fetched, null, batch.policy, List.of());
        if (reading instanceof Reading.Lacks lacking) {
            return toFetch(lacking.parts(), names);
        }
        stale = false;
        Task older = ((Reading.Whole) reading).task();
        remembered = new Remembered(tag, older.rolledBack(newest), batch.policy, true);
        endedByRollback = true;
        return Set.of();
    }

    /** Parts of the record that is to be written over the older one were not read before: they are now. */
    private Set<String> complete(LaneBatch batch, Remembered last, List<String> names) {
        Task task = last.bind(batch.policy).task();
        if (task == null) {
            return Set.of();
        }
        stale = false;
        Task more = record.with(task, batch.fetched, batch.policy);
        remembered = new Remembered(last.tag(), more, batch.policy, true);
        return toFetch(record.lacks(more, batch.toApply()), names);
    }

    private static Set<String> toFetch(Set<String> lacks, List<String> names) {
        if (!lacks.isEmpty() && names.containsAll(lacks)) {
            throw new StoreUnavailableException("the store has lost a part of a task's record");
        }
        return lacks;
    }
}
