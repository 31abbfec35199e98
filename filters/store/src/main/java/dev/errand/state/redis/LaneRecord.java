package dev.errand.state.redis;

import dev.errand.state.StoreUnavailableException;
import dev.errand.state.redis.link.StepScript;
import dev.errand.task.Task;
import dev.errand.task.TaskEpoch;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.record.Reading;
import dev.errand.task.record.StoredTask;
import dev.errand.task.record.TaskParts;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Converts one task between its value and its record in the store: seals it, tags it, and keeps its parts in fields of
 * their own. Immutable and thread-safe.
 */
final class LaneRecord {
    private final TaskKeys keys;
    private final RecordTerms terms;

    LaneRecord(TaskKey key, RecordTerms terms) {
        this.keys = new TaskKeys(key);
        this.terms = terms;
    }

    TaskKeys keys() {
        return keys;
    }

    /** What is to be stored for a task: the record, and its parts. */
    record Written(byte[] tag, List<StepScript.Field> fields, Task task) {}

    /**
     * The stored form of the task, with a new tag.
     *
     * @param small whether the store should keep the task's hash in its small form
     */
    Written write(Task task, TaskPolicy policy, boolean small) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        byte[] tag = new byte[StepScript.TAG_BYTES];
        random.nextBytes(tag);
        StoredTask stored = terms.format().write(task, policy, random.nextLong(1, Long.MAX_VALUE));
        byte[] value = terms.seal().seal(keys.record(), stored.record());
        byte[] record = new byte[tag.length + value.length];
        System.arraycopy(tag, 0, record, 0, tag.length);
        System.arraycopy(value, 0, record, tag.length, value.length);
        List<StepScript.Field> fields = new ArrayList<>(StepScript.fields(record, small));
        for (StoredTask.Part part : stored.parts()) {
            byte[] sealed = terms.seal().seal(keys.part(part.name()), part.bytes());
            fields.add(new StepScript.Field(TaskKeys.partField(part.name()), sealed));
        }
        return new Written(tag, fields, stored.task());
    }

    /** The announcement of the task's end. */
    byte[] announcement(TaskKey key, Task task) {
        return EndedTasks.announcement(key, task, terms.seal());
    }

    /** The parts that these steps need and that the known task lacks. */
    Set<String> lacks(Task task, List<TaskStep> steps) {
        return TaskParts.lacks(task, steps);
    }

    /** The fields of the parts with these names, in the same order. */
    static List<byte[]> fields(Collection<String> names) {
        List<byte[]> all = new ArrayList<>(names.size());
        for (String name : names) {
            all.add(TaskKeys.partField(name));
        }
        return all;
    }

    /** Opens fetched parts. A missing part is left out; if a task can do without it, it is {@link TaskParts#LOST}. */
    Map<String, byte[]> open(List<String> names, List<byte[]> values) {
        Map<String, byte[]> parts = new HashMap<>();
        for (int i = 0; i < values.size(); i++) {
            String name = names.get(i);
            if (values.get(i).length > 0) {
                parts.put(name, terms.seal().open(keys.part(name), values.get(i), 0));
            } else if (TaskParts.isSpare(name)) {
                parts.put(name, TaskParts.LOST);
            }
        }
        return parts;
    }

    /**
     * The value in a record, after its tag.
     *
     * @throws StoreUnavailableException if it was not written by a replica with our key
     */
    byte[] open(byte[] record) {
        return terms.seal().open(keys.record(), record, StepScript.TAG_BYTES);
    }

    /** The epoch in an opened record. */
    TaskEpoch epochOf(byte[] value) {
        try {
            return terms.formats().glance(value, 0).epoch();
        } catch (IllegalArgumentException damaged) {
            throw new StoreUnavailableException("the record of a task cannot be read: " + damaged.getMessage());
        }
    }

    /** The task, completed by parts that were fetched since. */
    Task with(Task task, Map<String, byte[]> parts, TaskPolicy policy) {
        try {
            return TaskParts.with(task, parts, policy);
        } catch (IllegalArgumentException damaged) {
            throw new StoreUnavailableException("a part of a task cannot be read: " + damaged.getMessage());
        }
    }

    /**
     * Reads the record; {@link Reading.Lacks} if parts must be fetched first.
     *
     * @param value the opened value of the record
     * @param known the task that was known before, under that policy
     * @throws StoreUnavailableException if the record is damaged
     */
    Reading read(
            byte[] value, Map<String, byte[]> parts, @Nullable Task known, TaskPolicy policy, List<TaskStep> steps) {
        try {
            Reading reading = terms.formats().read(value, 0, parts, known, policy, steps);
            if (reading instanceof Reading.Whole whole) {
                Set<String> lacks = lacks(whole.task(), steps);
                return lacks.isEmpty() ? reading : new Reading.Lacks(lacks);
            }
            return reading;
        } catch (IllegalArgumentException damaged) {
            throw new StoreUnavailableException("the record of a task cannot be read: " + damaged.getMessage());
        }
    }
}
