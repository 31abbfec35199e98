package dev.errand.task.record;

import dev.errand.task.RecordBytes;
import dev.errand.task.Task;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The formats of a task's record. A build reads each of them. It writes the one that {@code errand.state.format} names.
 * So a fleet can replace its replicas one after the other, and then write the next format. Immutable.
 *
 * @param list at least one, by ascending number
 */
public record TaskFormats(List<TaskFormat> list) {
    /** The formats of this build. A further one is one more entry here. */
    public static final TaskFormats ALL = new TaskFormats(List.of(new PartedFormat()));

    public TaskFormats {
        list = List.copyOf(list);
    }

    /** The format that is written unless the configuration names another one. */
    public TaskFormat newest() {
        return list.get(list.size() - 1);
    }

    /**
     * The format with this number.
     *
     * @throws IllegalArgumentException if there is none; the message is for the author of the configuration
     */
    public TaskFormat of(int number) {
        return list.stream()
                .filter(format -> format.number() == number)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'errand.state.format' must be "
                        + list.stream()
                                .map(format -> Integer.toString(format.number()))
                                .collect(Collectors.joining(" or "))
                        + ", was " + number));
    }

    /**
     * Reads a record of any format.
     *
     * @see TaskFormat#read
     * @throws IllegalArgumentException for bytes that no format wrote
     */
    public Reading read(
            byte[] record,
            int offset,
            Map<String, byte[]> parts,
            @Nullable Task known,
            TaskPolicy policy,
            List<? extends TaskStep> steps) {
        RecordBytes in = RecordBytes.of(record, offset);
        return formatOf(in).read(in, parts, known, policy, steps);
    }

    /**
     * Reads the head of a record of any format.
     *
     * @throws IllegalArgumentException for bytes that no format wrote
     */
    public TaskGlance glance(byte[] record, int offset) {
        RecordBytes in = RecordBytes.of(record, offset);
        return formatOf(in).glance(in);
    }

    private TaskFormat formatOf(RecordBytes in) {
        int number = in.readByte();
        for (TaskFormat format : list) {
            if (format.number() == number) {
                return format;
            }
        }
        throw new IllegalArgumentException("the record of a task has the unknown format " + number);
    }
}
