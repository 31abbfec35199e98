package dev.errand.task.record;

import dev.errand.task.RecordBytes;
import dev.errand.task.Task;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A made-up format 2: format 1 with one more byte after the number, which a reader of format 1 would misread. */
public final class NextFormat implements TaskFormat {
    /** The formats of a made-up next build. */
    public static final TaskFormats NEXT =
            new TaskFormats(List.of(TaskFormats.ALL.newest(), new NextFormat(TaskFormats.ALL.newest())));

    private static final int MORE = 42;

    private final TaskFormat before;

    private NextFormat(TaskFormat before) {
        this.before = before;
    }

    @Override
    public int number() {
        return 2;
    }

    @Override
    public StoredTask write(Task task, TaskPolicy policy, long version) {
        StoredTask stored = before.write(task, policy, version);
        byte[] old = stored.record();
        byte[] record = new byte[old.length + 1];
        record[0] = (byte) number();
        record[1] = MORE;
        System.arraycopy(old, 1, record, 2, old.length - 1);
        return new StoredTask(stored.task(), record, stored.parts());
    }

    @Override
    public Reading read(
            RecordBytes in,
            Map<String, byte[]> parts,
            @Nullable Task known,
            TaskPolicy policy,
            List<? extends TaskStep> steps) {
        return before.read(behindMore(in), parts, known, policy, steps);
    }

    @Override
    public TaskGlance glance(RecordBytes in) {
        return before.glance(behindMore(in));
    }

    private static RecordBytes behindMore(RecordBytes in) {
        if (in.readByte() != MORE) {
            throw new IllegalArgumentException("the made-up byte is missing");
        }
        return in;
    }
}
