package dev.errand.state.redis;

import dev.errand.state.StoreUnavailableException;
import dev.errand.state.redis.link.StepScript;
import dev.errand.task.Task;
import dev.errand.task.TaskEpoch;
import dev.errand.task.TaskPolicy;
import dev.errand.task.record.Reading;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What this replica knows of one task's record: the record that it read or wrote last, and the epoch of the newest one.
 * Only the current batch changes it; {@link #doubt}, {@link #policy} and {@link #epoch} may be called by any thread.
 */
final class LaneMemory {
    private final LaneRecord record;
    /** The epoch of the newest known record, even if the store has lost that record since. */
    private volatile TaskEpoch newest;

    private volatile @Nullable CachedRecord remembered;
    /** Whether the store may have a newer record than the remembered one. */
    private volatile boolean stale;
    /** Whether the remembered record ends the task because the store lost newer ones. */
    private boolean endedByRollback;

    /** @param newest the epoch that this replica knew of the task before it dropped the task's memory to save space */
    LaneMemory(LaneRecord record, TaskEpoch newest) {
        this.record = record;
        this.newest = newest;
    }

    /** Notes that the store may have a newer record: it is read before the next step. */
    void doubt() {
        stale = true;
    }

    boolean isStale() {
        return stale;
    }

    @Nullable CachedRecord last() {
        return remembered;
    }

    /** Remembers the record that was written or read last. */
    void remember(CachedRecord known) {
        Task task = known.task();
        if (task != null) {
            newest = task.epoch();
        }
        remembered = known;
    }

    /** The policy that the task was last read by, or null. */
    @Nullable TaskPolicy policy() {
        CachedRecord last = remembered;
        return last == null ? null : last.policy();
    }

    /** The approximate size of the remembered record, in bytes. */
    long weight() {
        CachedRecord last = remembered;
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

    /** Called once the end of {@link #isEndedByRollback} was written and reported. */
    void toldRollback() {
        endedByRollback = false;
    }

    /**
     * Takes over the store's record. If it is older than the known one, the remembered record stays and will be written
     * over it; if only the number of the newest record is known, the task ends.
     *
     * @param names the names of the parts that were read with the record
     * @return the parts that the batch needs and that must be read first; if empty, {@link #last} can judge the batch
     * @throws StoreUnavailableException if the record cannot be read, or was not written by a replica with our key
     */
    Set<String> read(LaneBatch batch, StepScript.Answer.Other other, List<String> names) {
        byte[] tag = StepScript.tag(other.record());
        if (tag.length == 0) {
            stale = false;
            remembered = new CachedRecord(tag, null, batch.policy);
            return Set.of();
        }
        CachedRecord last = remembered;
        byte[] value = record.open(other.record());
        batch.fetched.putAll(record.open(names, other.fields()));
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
            remember(new CachedRecord(tag, whole.task(), batch.policy));
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
        CachedRecord last = remembered;
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
        remembered = new CachedRecord(tag, older.rolledBack(newest), batch.policy, true);
        endedByRollback = true;
        return Set.of();
    }

    /** Completes the record that will replace an older one with the parts that were just read. */
    private Set<String> complete(LaneBatch batch, CachedRecord last, List<String> names) {
        Task task = last.bind(batch.policy).task();
        if (task == null) {
            return Set.of();
        }
        stale = false;
        Task more = record.with(task, batch.fetched, batch.policy);
        remembered = new CachedRecord(last.tag(), more, batch.policy, true);
        return toFetch(record.lacks(more, batch.toApply()), names);
    }

    private static Set<String> toFetch(Set<String> lacks, List<String> names) {
        if (!lacks.isEmpty() && names.containsAll(lacks)) {
            throw new StoreUnavailableException("the store has lost a part of a task's record");
        }
        return lacks;
    }
}
