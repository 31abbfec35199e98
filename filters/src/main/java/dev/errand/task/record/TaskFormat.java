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
    /** The oldest format that is still written: the record in one piece. */
    public static final int OLDEST = WholeRecord.FORMAT;

    /** The newest format: a record and its parts, including those for rules over data and for candidates. */
    public static final int NEWEST = PartedRecord.RULES;

    /** The first format that keeps requests for approval; with an older one nobody is asked. */
    public static final int ASKING = PartedRecord.ASKING;

    /**
     * The first format that keeps what rules over data and candidates need; with an older one no values of answers are
     * kept, and no candidate judges.
     */
    public static final int RULES = PartedRecord.RULES;

    /** Stands for a requested part that the store does not have and the task can do without. */
    public static final byte[] LOST = {};

    private TaskFormat() {}

    /** Whether a task can do without that part, so that no call is refused if it is lost. */
    public static boolean isSpare(String part) {
        return part.equals(PartedRecord.CANDIDATE);
    }

    /**
     * The stored form of the task, in that format, or in the lowest one above it that can hold the facts that later
     * calls need. Below {@link #RULES} the candidate's state is dropped, whatever format holds the rest, since no
     * candidate judges calls there.
     *
     * @param format one of the formats
     * @param version the version of the parts that are written with it: random, and not 0
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

    /** The same task in a format that cannot hold values of answers. */
    static Task withoutAnswers(Task task) {
        return task.lists().answers().size() == 0
                ? task
                : task.with(task.lists().with(AnswerValues.NONE), task.parts());
    }

    /**
     * Whether a record of that format holds everything that later calls of a task need: while the task runs, open
     * requests and refusals, and values of answers that rules look at; and parts of kinds that this build does not
     * know. Facts that are only reported, in observe mode or by a candidate, may be lost.
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

    /** The names of the parts that these steps need and that were not read. */
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

    /** The parts that these steps need, read or not: those to request together with a newer record. */
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
     * @param parts the parts that were fetched with it, by name
     * @param known the task as it was known before, under the same policy; its unchanged parts are reused
     * @param steps the steps to apply: parts that none of them needs may be missing
     * @throws IllegalArgumentException for bytes that {@link #write} did not write
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

    /** The epoch of a record of any format; the rest is not read. */
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
     * The same task, completed by parts that were fetched since. A part of another version than the task names is
     * ignored.
     *
     * @throws IllegalArgumentException for a damaged part
     */
    public static Task with(Task task, Map<String, byte[]> parts, TaskPolicy policy) {
        return new PartedReading(RecordBytes.empty(), PartedRecord.FORMAT, policy, parts, task).known(task);
    }
}
