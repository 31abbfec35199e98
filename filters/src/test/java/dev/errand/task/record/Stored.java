package dev.errand.task.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.state.Task;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Tasks on their way through their stored forms. */
public final class Stored {
    private static final AtomicLong VERSIONS = new AtomicLong(1);

    private Stored() {}

    /** The record in one piece, as the format before has it. */
    public static byte[] whole(Task task, TaskPolicy policy) {
        return TaskFormat.write(task, policy, TaskFormat.OLDEST, task.timeMillis(), 1)
                .record();
    }

    public static Task read(byte[] record, TaskPolicy policy) {
        return read(record, Map.of(), null, policy, List.of());
    }

    /** Reads, fetching what is lacking. */
    public static Task read(
            byte[] record, Map<String, byte[]> store, @Nullable Task known, TaskPolicy policy, List<TaskStep> steps) {
        Map<String, byte[]> fetched = new HashMap<>();
        while (true) {
            Reading reading = TaskFormat.read(record, 0, fetched, known, policy, steps);
            Set<String> lacks;
            if (reading instanceof Reading.Whole whole) {
                lacks = TaskFormat.lacks(whole.task(), steps, TaskFormat.NEWEST);
                if (lacks.isEmpty()) {
                    return whole.task();
                }
            } else {
                lacks = new HashSet<>(((Reading.Lacks) reading).parts());
            }
            for (String name : lacks) {
                assertThat(store).containsKey(name);
                assertThat(fetched.put(name, store.get(name)))
                        .as("asked for twice")
                        .isNull();
            }
        }
    }

    /** The task after it went through the newest format alone, which keeps all of it. */
    public static Task throughNewest(Task task, TaskPolicy policy, List<TaskStep> steps) {
        Map<String, byte[]> store = new HashMap<>();
        Task fresh = task.restored();
        StoredTask stored =
                TaskFormat.write(fresh, policy, TaskFormat.NEWEST, fresh.timeMillis(), VERSIONS.incrementAndGet());
        stored.parts().forEach(part -> store.put(part.name(), part.bytes()));
        return read(stored.record(), store, null, policy, steps);
    }

    /** The task after it went through both formats, whole. */
    public static Task through(Task task, TaskPolicy policy, List<TaskStep> steps) {
        byte[] whole = whole(task, policy);
        Map<String, byte[]> store = new HashMap<>();
        Task fresh = read(whole, policy);
        StoredTask stored =
                TaskFormat.write(fresh, policy, TaskFormat.NEWEST, fresh.timeMillis(), VERSIONS.incrementAndGet());
        stored.parts().forEach(part -> store.put(part.name(), part.bytes()));
        assertThat(TaskFormat.write(fresh, policy, TaskFormat.NEWEST, fresh.timeMillis(), VERSIONS.get())
                        .record())
                .as("the same version, the same bytes")
                .isEqualTo(stored.record());
        Task again = read(stored.record(), store, null, policy, steps);
        assertThat(TaskFormat.write(again, policy, TaskFormat.NEWEST, again.timeMillis(), VERSIONS.incrementAndGet())
                        .record())
                .as("nothing changed, nothing is written anew")
                .isEqualTo(stored.record());
        return read(stored.record(), store, stored.task(), policy, steps);
    }
}
