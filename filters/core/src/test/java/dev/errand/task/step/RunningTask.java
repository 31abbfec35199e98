package dev.errand.task.step;

import static dev.errand.task.Tasks.policy;
import static dev.errand.task.Tasks.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.denial.DenyReason;
import dev.errand.task.Task;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskOutcome.Denied;
import dev.errand.task.TaskOutcome.Done;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskPolicy.Reaction;
import dev.errand.task.TaskPolicy.Reactions;
import dev.errand.task.TaskPolicy.Repeated;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import dev.errand.task.record.Stored;
import java.time.Duration;
import java.util.List;

/** A task that a test applies steps to, one at a time; before and after each it goes through its stored form. */
abstract class RunningTask {
    static final long T0 = 1_795_000_000_000L;
    static final TokenAccount ROOT = token("root");
    static final TokenAccount A = token("a");
    static final TokenAccount B = token("b");
    static final Duration MINUTE = Duration.ofMinutes(1);
    /** Violations of plan or rules interrupt at once, denials of any kind at the third in a minute. */
    static final Reactions REPEATED = new Reactions(
            Reaction.INTERRUPT, Reaction.INTERRUPT, Reaction.THROTTLE, Reaction.DENY, new Repeated(3, 60_000));

    TaskPolicy policy = policy();
    Task task;
    long now = T0;
    /** The policy of the step before. */
    private TaskPolicy before = policy;

    TaskOutcome step(TaskStep step) {
        if (task != null) {
            task = Stored.through(task.rebind(before, policy), policy, List.of(step));
        }
        before = policy;
        StepBatch.Applied applied = StepBatch.apply(policy, task, List.of(step), now);
        task = applied.next();
        return applied.outcomes().get(0);
    }

    void start() {
        assertThat(step(new TaskStep.Start(ROOT.id(), T0 + 900_000))).isInstanceOf(Done.class);
    }

    static DenyReason reason(TaskOutcome outcome) {
        return ((Denied) outcome).denial().reason();
    }
}
