package dev.errand.state.redis;

import dev.errand.loop.EndOfTurn;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import java.util.concurrent.CompletableFuture;

/** One step that waits in a {@link TaskLane} for its outcome; cancelled when its caller no longer waits. */
final class WaitingStep extends CompletableFuture<TaskOutcome> {
    final TaskPolicy policy;
    final TaskStep step;
    final EndOfTurn turn;

    /** @param turn the turn of the event loop that submits the step */
    WaitingStep(TaskPolicy policy, TaskStep step, EndOfTurn turn) {
        this.policy = policy;
        this.step = step;
        this.turn = turn;
    }
}
