package dev.errand.task.record;

import dev.errand.task.RecordBytes;
import dev.errand.task.Task;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenShard;
import dev.errand.token.TokenId;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The parts of a task's record that steps need. Only parts with tokens that steps look at are read. Pure. */
public final class TaskParts {
    /** Stands for a requested part that the store does not have and the task can do without. */
    public static final byte[] LOST = {};

    private TaskParts() {}

    /** Whether a task can do without that part, so that no call is refused if it is lost. */
    public static boolean isSpare(String part) {
        return part.equals(PartedRecord.CANDIDATE);
    }

    /** The names of the parts that these steps need and that were not read. */
    public static Set<String> lacks(Task task, List<? extends TaskStep> steps) {
        if (!task.tokens().hasShards()) {
            return Set.of();
        }
        Set<String> lacks = new HashSet<>();
        for (TokenId id : tokens(steps, task.ending() != null)) {
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
        for (TokenId id : tokens(steps, false)) {
            if (task.tokens().near().indexOf(id) < 0) {
                parts.add(PartedRecord.shardName(TokenShard.numberOf(id)));
            }
        }
        return parts;
    }

    /**
     * The same task, completed by parts that were fetched since. A part of another version than the task names is
     * ignored.
     *
     * @throws IllegalArgumentException for a damaged part
     */
    public static Task with(Task task, Map<String, byte[]> parts, TaskPolicy policy) {
        return new PartedReading(RecordBytes.empty(), policy, parts, task).known(task);
    }

    /**
     * The tokens that these steps need.
     *
     * @param over whether the whole task has ended: then steps need tokens only to give something back
     */
    static Set<TokenId> tokens(List<? extends TaskStep> steps, boolean over) {
        Set<TokenId> tokens = new HashSet<>();
        for (TaskStep step : steps) {
            if (step instanceof TaskStep.GiveBack giveBack) {
                giveBack.chain().forEach(account -> tokens.add(account.id()));
            } else if (over) {
                continue;
            } else if (step instanceof TaskStep.Proven proven) {
                proven.chain().forEach(account -> tokens.add(account.id()));
            } else if (step instanceof TaskStep.View view) {
                view.chain().forEach(account -> tokens.add(account.id()));
            } else if (step instanceof TaskStep.Revoke revoke) {
                tokens.add(revoke.token());
                tokens.add(revoke.root());
            } else if (step instanceof TaskStep.ReceiveSession received) {
                tokens.addAll(received.chain());
            } else if (step instanceof TaskStep.Look look) {
                tokens.addAll(look.chain());
            }
        }
        return tokens;
    }
}
