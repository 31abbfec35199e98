package dev.errand.state.redis;

import dev.errand.loop.EndOfTurn;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One step on its way through a {@link TaskLane}; cancelled when its caller no longer waits. */
final class Waiting extends CompletableFuture<TaskOutcome> {
    final TaskPolicy policy;
    final TaskStep step;
    final EndOfTurn turn;
    private final @Nullable Consumer<TaskOutcome> foreseen;

    /** @param turn of the event loop that submits it */
    Waiting(TaskPolicy policy, TaskStep step, EndOfTurn turn) {
        this(policy, step, turn, null);
    }

    /** @param foreseen hears what the step will come to while the store is asked; null for a caller that has no use for it */
    Waiting(TaskPolicy policy, TaskStep step, EndOfTurn turn, @Nullable Consumer<TaskOutcome> foreseen) {
        this.policy = policy;
        this.step = step;
        this.turn = turn;
        this.foreseen = foreseen;
    }

    /**
     * Tells the caller what the step will come to. The caller hears it at the end of its loop's turn, behind the sending of the question. A
     * caller on another loop does not hear it, since its loop would have to be woken; nor does one whose loop has other calls in this turn.
     */
    void foresee(TaskOutcome outcome) {
        Consumer<TaskOutcome> caller = foreseen;
        if (caller != null) {
            turn.ifAlone(() -> {
                if (!isDone()) {
                    caller.accept(outcome);
                }
            });
        }
    }
}
