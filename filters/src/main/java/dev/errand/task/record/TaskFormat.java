package dev.errand.task.record;

import dev.errand.delegation.TokenId;
import dev.errand.sequence.binding.AnswerValues;
import dev.errand.task.TaskEpoch;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.task.state.RecordBytes;
import dev.errand.task.state.Task;
import dev.errand.task.state.TokenShard;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The formats of a task's record, by their number, which is the first byte of a record. A build reads all of them. It
 * writes the one that {@code errand.state.format} names, or a newer one for a task that does not fit into it.
 */
public final class TaskFormat {
    /** The oldest that is still written: the record in one piece. */
    public static final int OLDEST = WholeRecord.FORMAT;

    /** The newest: a record and its parts, what rules over data and candidates need among them. */
    public static final int NEWEST = PartedRecord.RULES;

    /** The first that keeps what humans are asked about: under an older one nobody is asked. */
    public static final int ASKING = PartedRecord.ASKING;

    /**
     * The first that keeps what rules over data and candidates need: under an older one no value of an answer is kept, and no
     * candidate is judged.
     */
    public static final int RULES = PartedRecord.RULES;

    /** What a store gives for a part that it was asked for, has not, and that the task can do without. */
    public static final byte[] LOST = {};

    private TaskFormat() {}

    /** Whether a task can do without that part: then its loss refuses nothing. */
    public static boolean isSpare(String part) {
        return part.equals(PartedRecord.CANDIDATE);
    }

    /**
     * The stored form of the task, in that format, or in the lowest one above it that can hold the facts that later
     * calls need. Below {@link #RULES} the candidate's state is dropped, whichever format holds the rest, since no
     * candidate judges calls there.
     *
     * @param format one of these
     * @param version of the parts that are written with it: random, and not 0
     */
    public static StoredTask write(Task task, TaskPolicy policy, int format, long nowMillis, long version) {
        int holding = format;
        while (!holds(task, holding, nowMillis)) {
            holding++;
        }
        Task kept = format < RULES ? task.withoutCandidate() : task;
        return holding < PartedRecord.FORMAT
                ? new StoredTask(withoutAnswers(kept), WholeRecord.write(kept, policy.sequence()), List.of())
                : PartedRecord.write(kept, policy.sequence(), holding, version);
    }

    /** The same task as a format keeps it that has no room for values of answers. */
    static Task withoutAnswers(Task task) {
        return task.lists().answers().size() == 0
                ? task
                : task.with(task.lists().with(AnswerValues.NONE), task.parts());
    }

    /**
     * Whether a record of that format holds all of a task that its later calls need: while it runs, what humans are asked about or
     * have refused, and values of answers that rules look at; and the parts of kinds that this build does not know. What is only
     * told of a task in observe mode, or by a candidate, may be lost.
     */
    public static boolean holds(Task task, int format, long nowMillis) {
        boolean asks =
                task.state() == TaskState.ACTIVE && task.lists().approvals().bind(nowMillis);
        boolean looks =
                task.state() == TaskState.ACTIVE && task.lists().answers().size() > 0;
        return (format >= ASKING || !asks)
                && (format >= RULES || !looks)
                && (format >= PartedRecord.FORMAT || task.parts().others().isEmpty());
    }

    /** The parts that these steps look at and that were not read, by their names. */
    public static Set<String> lacks(Task task, List<? extends TaskStep> steps, int format) {
        if (!task.tokens().hasShards()) {
            return Set.of();
        }
        Set<String> lacks = new HashSet<>();
        if (format < PartedRecord.FORMAT) {
            for (int number = 0; number < TokenShard.COUNT; number++) {
                TokenShard shard = task.tokens().shard(number);
                if (shard != null && !shard.isRead()) {
                    lacks.add(PartedRecord.shardName(number));
                }
            }
            return lacks;
        }
        for (TokenId id : LooksAt.tokens(steps, task.ending() != null)) {
            if (!task.tokens().tells(id)) {
                lacks.add(PartedRecord.shardName(TokenShard.numberOf(id)));
            }
        }
        return lacks;
    }

    /** The parts that these steps look at, whether they were read or not: what to ask for together with a newer record. */
    public static Set<String> looksAt(Task task, List<? extends TaskStep> steps) {
        if (!task.tokens().hasShards()) {
            return Set.of();
        }
        Set<String> parts = new HashSet<>();
        for (TokenId id : LooksAt.tokens(steps, false)) {
            if (task.tokens().near().indexOf(id) < 0) {
                parts.add(PartedRecord.shardName(TokenShard.numberOf(id)));
            }
        }
        return parts;
    }

    /**
     * Reads a record of any format.
     *
     * @param parts what was fetched with it, by name
     * @param known the task as it was known before, under the same policy, whose parts are taken where they have not changed
     * @param steps what is to be applied to it: parts that none of them looks at need not be there
     * @throws IllegalArgumentException for what {@link #write} did not write
     */
    public static Reading read(
            byte[] record,
            int offset,
            Map<String, byte[]> parts,
            @Nullable Task known,
            TaskPolicy policy,
            List<? extends TaskStep> steps) {
        RecordBytes in = RecordBytes.of(record, offset);
        int format = in.readByte();
        return switch (format) {
            case WholeRecord.WITHOUT_SESSIONS, WholeRecord.FORMAT ->
                new Reading.Whole(WholeRecord.read(record, offset, policy));
            case PartedRecord.FORMAT, PartedRecord.ASKING, PartedRecord.RULES ->
                new PartedReading(in, format, policy, parts, known).read(steps);
            default -> throw new IllegalArgumentException("the record of a task has the unknown format " + format);
        };
    }

    /** The epoch that a record of any format says, without reading the rest. */
    public static TaskEpoch epochOf(byte[] record, int offset) {
        RecordBytes in = RecordBytes.of(record, offset);
        boolean parted = in.readByte() >= PartedRecord.FORMAT;
        in.readByte();
        in.readFixed();
        if (!parted) {
            return new TaskEpoch(0, 0, in.readVar());
        }
        long number = in.readVar();
        long base = in.readVar();
        return new TaskEpoch(base, number, base + in.readSigned());
    }

    /**
     * The same task with those of its parts that were fetched since. One of another version than the task names is left out.
     *
     * @throws IllegalArgumentException for a damaged part
     */
    public static Task with(Task task, Map<String, byte[]> parts, TaskPolicy policy) {
        return new PartedReading(RecordBytes.empty(), PartedRecord.FORMAT, policy, parts, task).known(task);
    }
}
