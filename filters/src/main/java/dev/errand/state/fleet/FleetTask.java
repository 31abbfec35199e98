package dev.errand.state.fleet;

import dev.errand.task.TaskState;
import dev.errand.task.record.TaskGlance;
import dev.errand.task.state.BudgetUse;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One task of the fleet: its entry in the index, what the replicas say of it, and how its record stands. Immutable.
 *
 * @param notes those of the replicas that decided calls of it
 * @param operator {@code operator:} and the name of the operator who ended it; null where none is known
 * @param glance the head of its record; null where the store has none any more
 * @param readable whether the record, if there is one, was written by one of us
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

    /** How it stands at a time, epoch milliseconds; null where its record cannot be read. */
    public @Nullable TaskState state(long nowMillis) {
        if (!readable) {
            return null;
        }
        return glance == null ? TaskState.EXPIRED : glance.state(nowMillis);
    }

    /** Who interrupted the task, in the form of records; null if it was not interrupted, or if nobody knows. */
    public @Nullable String interruptedBy() {
        if (glance == null || glance.ended() != TaskState.INTERRUPTED) {
            return null;
        }
        if (operator != null) {
            return operator;
        }
        return glance.isRolledBack() ? "rollback" : glance.isByPolicy() ? "policy" : null;
    }

    /** How many of its calls were permitted. */
    public long permitted() {
        return notes.stream().mapToLong(TaskNote::permitted).sum();
    }

    /** How many of its calls were denied. */
    public long denied() {
        return notes.stream().mapToLong(TaskNote::denied).sum();
    }

    private @Nullable TaskNote newest() {
        return notes.stream()
                .max(Comparator.comparingLong(note -> note.last().timeMillis()))
                .orElse(null);
    }

    /** Its last call; null before the first. */
    public TaskNote.@Nullable LastCall last() {
        TaskNote newest = newest();
        return newest == null ? null : newest.last();
    }

    /** The share of its fullest budget or bucket at a time, from 0 to 1. */
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

    /** The known holders of its tokens, the root's holder first. */
    public Collection<String> holders() {
        Set<String> all = new LinkedHashSet<>();
        if (facts.agent() != null) {
            all.add(facts.agent());
        }
        notes.forEach(note -> all.addAll(note.holders()));
        return all;
    }
}
