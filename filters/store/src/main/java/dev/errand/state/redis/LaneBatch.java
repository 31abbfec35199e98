package dev.errand.state.redis;

import dev.errand.loop.EndOfTurn;
import dev.errand.state.redis.link.StepScript;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Steps of one task and one policy that are judged and written together. Used by one thread at a time. */
final class LaneBatch {
    final TaskPolicy policy;
    final EndOfTurn turn;
    List<WaitingStep> steps;
    /** The proofs of these steps whose denial was counted before, as the store says. */
    Set<String> counted = Set.of();
    /** The parts of the record that were fetched for the batch, by name. */
    final Map<String, byte[]> fetched = new HashMap<>();
    /** The tag of the record whose parts were requested last. */
    byte[] lackingTag = StepScript.UNKNOWN;

    final long startedNanos = System.nanoTime();
    int scripts;

    LaneBatch(List<WaitingStep> steps) {
        this.steps = steps;
        this.policy = steps.get(0).policy;
        this.turn = steps.get(0).turn;
    }

    List<TaskStep> toApply() {
        List<TaskStep> all = new ArrayList<>(steps.size());
        steps.forEach(waiting -> all.add(waiting.step));
        return all;
    }
}
