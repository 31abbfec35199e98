package dev.errand.task.step;

import static dev.errand.task.Tasks.bounded;
import static dev.errand.task.Tasks.call;
import static dev.errand.task.Tasks.calls;
import static dev.errand.task.Tasks.limit;
import static dev.errand.task.Tasks.limits;
import static dev.errand.task.Tasks.operationLimit;
import static dev.errand.task.Tasks.pair;
import static dev.errand.task.Tasks.plan;
import static dev.errand.task.Tasks.policy;
import static dev.errand.task.Tasks.reactions;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.denial.DenyReason;
import dev.errand.task.StartValues;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskOutcome.Denied;
import dev.errand.task.TaskOutcome.Over;
import dev.errand.task.TaskOutcome.Permitted;
import dev.errand.task.TaskOutcome.Viewed;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.task.TaskView;
import dev.errand.task.TokenAccount;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A look at a task tells what a call would meet, and changes nothing. */
class ViewStepTest extends RunningTask {
    private TaskOutcome look(List<TokenAccount> chain, @Nullable String operation) {
        TaskStep view = new TaskStep.View(chain, operation == null ? null : pair(operation), true, 0, StartValues.NONE);
        assertThat(StepBatch.apply(policy, task, List.of(view), now).next())
                .as("nothing changes")
                .isSameAs(task);
        return step(view);
    }

    private TaskView view(TokenAccount... chain) {
        TaskOutcome seen = look(List.of(chain), null);
        assertThat(seen).isInstanceOf(Viewed.class);
        assertThat(((Viewed) seen).would()).isNull();
        return ((Viewed) seen).view();
    }

    private TaskOutcome would(String operation, TokenAccount... chain) {
        return ((Viewed) look(List.of(chain), operation)).would();
    }

    @Test
    void view_hasBudgetsAndBuckets_ofTheChainAlone() {
        TokenAccount child = bounded("a", 5L, null, limit(4, MINUTE), limit(9, Duration.ofHours(1)));
        policy = calls(
                limits(
                        operationLimit(policy(), "o", limit(3, MINUTE), limit(2, Duration.ofHours(1))),
                        limit(10, MINUTE)),
                20);
        start();
        step(call(List.of(ROOT, child), "o"));
        step(call(List.of(ROOT), "o"));
        TaskView view = view(ROOT, child);

        assertThat(view.at()).isEqualTo("0");
        assertThat(view.plan()).isNull();
        assertThat(view.budgets().asMap())
                .containsEntry("calls", 18L)
                .containsEntry("token:1", 4L)
                .hasSize(2);
        assertThat(view.buckets())
                .containsExactly(
                        new TaskView.Bucket("op:o", 2, Duration.ofHours(1), 0),
                        new TaskView.Bucket("task", 10, MINUTE, 8),
                        new TaskView.Bucket("token:1", 4, MINUTE, 3));
        assertThat(view(ROOT).buckets()).hasSize(2);
        now += 60_000;
        assertThat(view(ROOT).buckets().get(1).left()).as("refilled by now").isEqualTo(10);
    }

    @Test
    void would_isWhatTheCallComesTo_andInterruptsNothing() {
        policy = reactions(plan(operationLimit(policy(), "b", limit(1, MINUTE)), "a", "b", "b"), REPEATED);
        start();
        assertThat(would("a", ROOT)).isInstanceOf(Permitted.class);
        assertThat(reason(would("b", ROOT))).isEqualTo(DenyReason.SEQUENCE_VIOLATION);
        assertThat(reason(would("forbidden", ROOT))).isEqualTo(DenyReason.RULE_VIOLATION);
        for (int i = 0; i < 10; i++) {
            would("b", ROOT);
        }
        assertThat(view(ROOT).at()).isEqualTo("0");
        assertThat(step(call(List.of(ROOT), "a"))).isInstanceOf(Permitted.class);
        assertThat(step(call(List.of(ROOT), "b"))).isInstanceOf(Permitted.class);
        assertThat(reason(would("b", ROOT))).isEqualTo(DenyReason.RATE_EXCEEDED);
    }

    @Test
    void view_ofATaskThatIsOver_saysHowAndWhen() {
        policy = policy();
        assertThat(look(List.of(ROOT), null)).isEqualTo(new Over(new TaskOutcome.Ended(TaskState.EXPIRED, null), null));
        start();
        now += 1_000;
        step(new TaskStep.Interrupt("An operator ended it."));
        assertThat(look(List.of(ROOT), "a"))
                .isEqualTo(new Over(new TaskOutcome.Ended(TaskState.INTERRUPTED, "An operator ended it."), now));
    }

    @Test
    void view_ofATaskWhoseTimeIsOver_saysWhenThatWas() {
        policy = policy();
        start();
        now += 900_001;
        assertThat(look(List.of(ROOT), null))
                .isEqualTo(new Over(new TaskOutcome.Ended(TaskState.EXPIRED, null), T0 + 900_000));
    }

    @Test
    void view_ofAnEndedToken_isRefused() {
        policy = policy();
        start();
        step(new TaskStep.Revoke(A.id()));
        TaskOutcome seen = look(List.of(ROOT, A, B), null);

        assertThat(reason(seen)).isEqualTo(DenyReason.TASK_ENDED);
        assertThat(((Denied) seen).denial().detail()).isEqualTo("the token is completed. A holder ended the token.");
        assertThat(look(List.of(ROOT, B), null)).isInstanceOf(Viewed.class);
    }

    @Test
    void view_underAnotherRoot_isRefused() {
        policy = policy();
        start();
        assertThat(reason(look(List.of(A), null))).isEqualTo(DenyReason.INVALID_TOKEN);
    }

    @Test
    void view_ofAnotherAnchorsTask_beforeItsFirstCall_beginsNothing() {
        policy = calls(policy(), 3);
        TaskOutcome seen = step(new TaskStep.View(List.of(ROOT), pair("a"), true, T0 + 60_000, StartValues.NONE));

        assertThat(((Viewed) seen).view().budgets().asMap()).containsEntry("calls", 3L);
        assertThat(((Viewed) seen).would()).isInstanceOf(Permitted.class);
        assertThat(task).isNull();
    }
}
