package dev.errand.task.step;

import static dev.errand.task.Tasks.bounded;
import static dev.errand.task.Tasks.call;
import static dev.errand.task.Tasks.limit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.denial.DenyReason;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.task.Task;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskOutcome.Denied;
import dev.errand.task.TaskOutcome.Done;
import dev.errand.task.TaskOutcome.Ended;
import dev.errand.task.TaskOutcome.Permitted;
import dev.errand.task.TaskOutcome.Replayed;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.token.TokenId;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskTest extends RunningTask {
    @Test
    void call_withoutRecord_isEnded() {
        assertThat(step(call(List.of(ROOT), "x"))).isEqualTo(new Ended(TaskState.EXPIRED, null));
        assertThat(task).isNull();
    }

    @Test
    void call_foreignRoot_registersAtFirstCall() {
        TaskStep.Call call = call(List.of(ROOT), "x");
        assertThat(step(new TaskStep.Call(call.decision(), call.chain(), call.proof(), call.calls(), true, T0 + 1000)))
                .isInstanceOf(Permitted.class);
        now = T0 + 1000;
        assertThat(step(call(List.of(ROOT), "x"))).isInstanceOf(Ended.class);
    }

    @Test
    void revoke_foreignRootBeforeFirstCall_holds() {
        step(new TaskStep.Revoke(A.id(), ROOT.id(), 1, T0 + 1000));
        TaskStep.Call call = call(List.of(ROOT, A), "x");
        assertThat(step(new TaskStep.Call(call.decision(), call.chain(), call.proof(), call.calls(), true, T0 + 1000)))
                .isInstanceOf(Ended.class);
    }

    @Test
    void start_twice_sameRootIsDoneAnotherIsRefused() {
        start();
        start();
        assertThat(step(new TaskStep.Start(A.id(), T0 + 900_000))).isInstanceOf(Denied.class);
    }

    @Test
    void call_order_budgetsBeforeBucketsBeforePlan() {
        policy = Tasks.plan(Tasks.calls(Tasks.limits(policy, limit(1, MINUTE)), 1), "x");
        start();
        assertThat(step(call(List.of(ROOT), "x"))).isInstanceOf(Permitted.class);
        assertThat(reason(step(call(List.of(ROOT), "y")))).isEqualTo(DenyReason.BUDGET_EXHAUSTED);
        policy = Tasks.calls(policy, 100);
        assertThat(reason(step(call(List.of(ROOT), "y")))).isEqualTo(DenyReason.RATE_EXCEEDED);
        now += 60_000;
        assertThat(reason(step(call(List.of(ROOT), "y")))).isEqualTo(DenyReason.SEQUENCE_VIOLATION);
    }

    @Test
    void call_deniedByPlan_debitsNothing() {
        policy = Tasks.plan(Tasks.calls(Tasks.limits(policy, limit(2, MINUTE)), 2), "x", "x");
        start();
        for (int i = 0; i < 5; i++) {
            assertThat(reason(step(call(List.of(ROOT), "y")))).isEqualTo(DenyReason.SEQUENCE_VIOLATION);
        }
        assertThat(step(call(List.of(ROOT), "x"))).isInstanceOf(Permitted.class);
        Permitted second = (Permitted) step(call(List.of(ROOT), "x"));
        assertThat(second.progress().budgets().asMap())
                .containsEntry("calls", 0L)
                .containsEntry("task", 0L);
        assertThat(second.progress().before()).isEqualTo("1");
        assertThat(second.progress().after()).isEqualTo("2");
    }

    @Test
    void observe_permitsAndSaysWhatItWouldHaveRefused() {
        policy = Tasks.observing(Tasks.plan(Tasks.calls(Tasks.limits(policy, limit(1, MINUTE)), 1), "x"));
        start();
        step(call(List.of(ROOT), "x"));
        Permitted second = (Permitted) step(call(List.of(ROOT), "x"));
        assertThat(second.observed().stream().map(denial -> denial.reason()))
                .containsExactly(DenyReason.BUDGET_EXHAUSTED, DenyReason.RATE_EXCEEDED, DenyReason.SEQUENCE_VIOLATION);
    }

    @Test
    void flow_untrustedContent_lowersTheWholeTask() {
        policy = Tasks.flow(policy, TaskPolicy.Flow.ENFORCE);
        start();
        OperationCall fetch = pair("fetch", true, false);
        OperationCall deploy = pair("deploy", false, true);
        assertThat(step(with(deploy, true))).isInstanceOf(Permitted.class);
        assertThat(reason(step(with(deploy, false)))).isEqualTo(DenyReason.FLOW_DENIED);
        assertThat(step(with(fetch, true))).isInstanceOf(Permitted.class);
        assertThat(reason(step(with(deploy, true)))).isEqualTo(DenyReason.FLOW_DENIED);
    }

    private static OperationCall pair(String id, boolean yields, boolean needs) {
        return new OperationCall(new Operation(id, Effect.READ, yields, needs), "r", JsonObject.EMPTY, false);
    }

    private static TaskStep.Call with(OperationCall pair, boolean trusted) {
        return new TaskStep.Call(Tasks.unique("d"), List.of(ROOT), Tasks.proof(), List.of(pair), trusted, 0);
    }

    @Test
    void giveBack_returnsCallsOnce_bucketsNever() {
        policy = Tasks.limits(Tasks.calls(policy, 1), limit(5, MINUTE));
        start();
        TaskStep.Call call = call(List.of(bounded("root", 1L, null)), "x");
        step(call);
        for (int i = 0; i < 3; i++) {
            Done done = (Done) step(new TaskStep.GiveBack(call.decision(), call.chain(), 1));
            assertThat(done.progress().budgets().asMap()).containsEntry("calls", 1L);
        }
        Permitted again = (Permitted) step(call(call.chain(), "x"));
        assertThat(again.progress().budgets().asMap()).containsEntry("task", 3L);
        assertThat(reason(step(call(call.chain(), "x")))).isEqualTo(DenyReason.BUDGET_EXHAUSTED);
    }

    @Test
    void revoke_child_endsItAndBelow_rootCompletes() {
        start();
        step(new TaskStep.Revoke(A.id()));
        assertThat(((Ended) step(call(List.of(ROOT, A, B), "x"))).told()).isEqualTo("the token is completed");
        assertThat(step(new TaskStep.Look(List.of(ROOT.id(), A.id())))).isInstanceOf(Ended.class);
        assertThat(step(call(List.of(ROOT), "x"))).isInstanceOf(Permitted.class);
        assertThat(((Done) step(new TaskStep.Revoke(ROOT.id()))).state()).isEqualTo(TaskState.COMPLETED);
        assertThat(((Ended) step(call(List.of(ROOT), "x"))).state()).isEqualTo(TaskState.COMPLETED);
    }

    @Test
    void revoke_endlessTokens_isBoundedAndLeavesRoomForThoseThatWork() {
        start();
        TaskOutcome last = null;
        for (int i = 0; i < Task.MAX_UNUSED + 1; i++) {
            last = step(new TaskStep.Revoke(new TokenId("t" + i), ROOT.id(), 2, 0));
        }
        assertThat(last).isInstanceOf(Denied.class);
        assertThat(step(call(List.of(ROOT, A), "x"))).isInstanceOf(Permitted.class);
        assertThat(((Done) step(new TaskStep.Revoke(new TokenId("child")))).ended())
                .isTrue();
        for (int i = 0; i < Task.MAX_TOKENS + 1; i++) {
            last = step(new TaskStep.Revoke(new TokenId("c" + i)));
        }
        assertThat(last).isInstanceOf(Denied.class);
        assertThat(step(call(List.of(ROOT), "x"))).isInstanceOf(Permitted.class);
    }

    @Test
    void calls_ofEndlessTokens_areBounded() {
        start();
        for (int i = 1; i < Task.MAX_TOKENS; i++) {
            step(call(List.of(ROOT, Tasks.token("t" + i)), "x"));
        }
        assertThat(reason(step(call(List.of(ROOT, A), "x")))).isEqualTo(DenyReason.BUDGET_EXHAUSTED);
        assertThat(step(call(List.of(ROOT), "x"))).isInstanceOf(Permitted.class);
    }

    @Test
    void call_sameProofInABatch_isReplayed() {
        start();
        TaskStep.Call call = call(List.of(ROOT), "x");
        assertThat(StepBatch.apply(policy, task, List.of(call, call), now).outcomes())
                .hasExactlyElementsOfTypes(Permitted.class, Replayed.class);
    }

    @Test
    void time_neverRunsBackwards() {
        policy = Tasks.limits(policy, limit(1, MINUTE));
        start();
        now = T0 + 100_000;
        step(call(List.of(ROOT), "x"));
        now = T0 - 3_600_000;
        assertThat(((Denied) step(call(List.of(ROOT), "x"))).rate().retryAfter())
                .isEqualTo(MINUTE);
    }

    @Test
    void anotherRevision_cannotJudge_canLookAndRevoke() {
        policy = Tasks.plan(policy, "x", "x");
        start();
        step(call(List.of(ROOT), "x"));
        TaskPolicy old = policy;
        policy = new TaskPolicy(
                "release",
                "sha-256:r2",
                List.of(),
                java.util.Map.of(),
                null,
                new Tasks.Counted(List.of("y")),
                REPEATED,
                TaskPolicy.Cut.TASK,
                TaskPolicy.Flow.OFF,
                false);
        assertThat(step(new TaskStep.Look())).isInstanceOf(Done.class);
        assertThatThrownBy(() -> step(call(List.of(ROOT), "y"))).isInstanceOf(IllegalStateException.class);
        step(new TaskStep.Revoke(A.id()));
        policy = old;
        assertThat(((Permitted) step(call(List.of(ROOT), "x"))).progress().before())
                .isEqualTo("1");
    }
}
