package dev.errand.task.record;

import dev.errand.task.RecordBytes;
import dev.errand.task.Task;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Format 1: a record and its parts ({@link PartedRecord}). Thread-safe. */
final class PartedFormat implements TaskFormat {
    @Override
    public int number() {
        return PartedRecord.FORMAT;
    }

    @Override
    public StoredTask write(Task task, TaskPolicy policy, long version) {
        return PartedRecord.write(task, policy.sequence(), version);
    }

    @Override
    public Reading read(
            RecordBytes in,
            Map<String, byte[]> parts,
            @Nullable Task known,
            TaskPolicy policy,
            List<? extends TaskStep> steps) {
        return new PartedReading(in, policy, parts, known).read(steps);
    }

    @Override
    public TaskGlance glance(RecordBytes in) {
        int flags = in.readByte();
        in.readFixed();
        long steps = in.readVar();
        long began = in.readVar();
        long stepped = began + in.readSigned();
        long expires = began + in.readSigned();
        long calls = in.readVar();
        String why = (flags & 8) != 0 ? in.readText() : null;
        return new TaskGlance(TaskState.values()[flags & 3], why, steps, began, stepped, expires, calls);
    }
}
