package dev.errand.task.record;

import dev.errand.task.Task;
import java.util.List;

/**
 * The stored form of a task. A store writes its own version mark before the record, and keeps the parts beside the
 * record under their names.
 *
 * @param task the same task with its stored versions; apply the next step to this one
 * @param record the record, format number first
 * @param parts the parts that changed; all other parts stay unchanged
 */
public record StoredTask(Task task, byte[] record, List<Part> parts) {
    public StoredTask {
        parts = List.copyOf(parts);
    }

    /**
     * A part of a record.
     *
     * @param name at most 16 characters of {@code a-z0-9}, unique within the record
     * @param bytes its version, then its content
     */
    public record Part(String name, byte[] bytes) {}
}
