package dev.errand.task.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.task.Task;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Tasks on their way through their stored forms. */
public final class Stored {
    private static final TaskFormat FORMAT = TaskFormats.ALL.newest();
    private static final AtomicLong VERSIONS = new AtomicLong(1);

    private Stored() {}

    /** The record of a task whose lists and tokens need no part. */
    public static byte[] whole(Task task, TaskPolicy policy) {
        StoredTask stored = FORMAT.write(task, policy, VERSIONS.incrementAndGet());
        assertThat(stored.parts()).as("the parts of a small task").isEmpty();
        return stored.record();
    }

    public static Task read(byte[] record, TaskPolicy policy) {
        return read(record, Map.of(), null, policy, List.of());
    }

    /** Reads, fetching what is lacking. */
    public static Task read(
            byte[] record, Map<String, byte[]> store, @Nullable Task known, TaskPolicy policy, List<TaskStep> steps) {
        Map<String, byte[]> fetched = new HashMap<>();
        while (true) {
            Reading reading = TaskFormats.ALL.read(record, 0, fetched, known, policy, steps);
            Set<String> lacks;
            if (reading instanceof Reading.Whole whole) {
                lacks = TaskParts.lacks(whole.task(), steps);
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

    /** The task after it went through its stored form, every part written anew. */
    public static Task through(Task task, TaskPolicy policy, List<TaskStep> steps) {
        Map<String, byte[]> store = new HashMap<>();
        Task fresh = task.restored();
        StoredTask stored = FORMAT.write(fresh, policy, VERSIONS.incrementAndGet());
        stored.parts().forEach(part -> store.put(part.name(), part.bytes()));
        assertThat(FORMAT.write(fresh, policy, VERSIONS.get()).record())
                .as("the same version, the same bytes")
                .isEqualTo(stored.record());
        Task again = read(stored.record(), store, null, policy, steps);
        assertThat(FORMAT.write(again, policy, VERSIONS.incrementAndGet()).record())
                .as("nothing changed, nothing is written anew")
                .isEqualTo(stored.record());
        return read(stored.record(), store, stored.task(), policy, steps);
    }
}
