package dev.errand.state;

import dev.errand.task.BudgetUse;
import dev.errand.task.TaskState;
import dev.errand.task.record.TaskGlance;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One task of the fleet: its entry in the index, the notes of the replicas about it, and the state of its record.
 * Immutable.
 *
 * @param notes one for each replica that decided calls of the task
 * @param operator {@code operator:} and the name of the operator who ended the task; null if none is known
 * @param glance the head of the task's record; null if the store has no record any more
 * @param readable whether the record, if there is one, was written by a replica of this fleet
 */
public record FleetTask(
        IndexedTask facts,
        List<TaskNote> notes,
        @Nullable String operator,
        @Nullable TaskGlance glance,
        boolean readable) {
    public FleetTask {
        notes = List.copyOf(notes);
    }

    /** The task's state at a time, epoch milliseconds; null if its record cannot be read. */
    public @Nullable TaskState state(long nowMillis) {
        if (!readable) {
            return null;
        }
        return glance == null ? TaskState.EXPIRED : glance.state(nowMillis);
    }

    /** Who interrupted the task, as in records; null if it was not interrupted, or if this is unknown. */
    public @Nullable String interruptedBy() {
        if (glance == null || glance.ended() != TaskState.INTERRUPTED) {
            return null;
        }
        if (operator != null) {
            return operator;
        }
        return glance.isRolledBack() ? "rollback" : glance.isByPolicy() ? "policy" : null;
    }

    /** How many calls of the task were permitted. */
    public long permitted() {
        return notes.stream().mapToLong(TaskNote::permitted).sum();
    }

    /** How many calls of the task were denied. */
    public long denied() {
        return notes.stream().mapToLong(TaskNote::denied).sum();
    }

    /** How many calls of the task met a request for approval that was open already. */
    public long waiting() {
        return notes.stream().mapToLong(TaskNote::waiting).sum();
    }

    private @Nullable TaskNote newest() {
        return notes.stream()
                .max(Comparator.comparingLong(note -> note.last().timeMillis()))
                .orElse(null);
    }

    /** The task's last call; null before the first. */
    public TaskNote.@Nullable LastCall last() {
        TaskNote newest = newest();
        return newest == null ? null : newest.last();
    }

    /** The used share, from 0 to 1, of the task's fullest budget or bucket at a time, epoch milliseconds. */
    public double used(long nowMillis) {
        TaskNote newest = newest();
        double most = 0;
        if (newest != null) {
            for (BudgetUse use : newest.uses()) {
                most = Math.max(most, use.shareAfter(nowMillis - newest.last().timeMillis()));
            }
        }
        return most;
    }

    /** The known holders of the task's tokens, the root's holder first. */
    public Collection<String> holders() {
        Set<String> all = new LinkedHashSet<>();
        if (facts.agent() != null) {
            all.add(facts.agent());
        }
        notes.forEach(note -> all.addAll(note.holders()));
        return all;
    }
}
