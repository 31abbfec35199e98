package dev.errand.offline.replay;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import java.util.function.Predicate;

/**
 * The tasks of logs, in the order of their first records. A task is unpacked each time that it is asked for, so that memory holds
 * one task and not all. Immutable.
 */
public final class RecordedTasks extends AbstractList<RecordedTask> implements RandomAccess {
    private final List<PackedTask> packed;

    RecordedTasks(List<PackedTask> packed) {
        this.packed = List.copyOf(packed);
    }

    @Override
    public RecordedTask get(int index) {
        return packed.get(index).unpacked();
    }

    @Override
    public int size() {
        return packed.size();
    }

    /** The tasks that the predicate accepts. */
    public RecordedTasks where(Predicate<RecordedTask> wanted) {
        return new RecordedTasks(
                packed.stream().filter(task -> wanted.test(task.unpacked())).toList());
    }

    /** The tasks at these places, in this order. */
    public RecordedTasks at(List<Integer> places) {
        return new RecordedTasks(places.stream().map(packed::get).toList());
    }
}
