package dev.errand.task.step;

import static dev.errand.task.Tasks.call;
import static dev.errand.task.Tasks.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.denial.DenyReason;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskOutcome.Denied;
import dev.errand.task.TaskOutcome.Done;
import dev.errand.task.TaskOutcome.Ended;
import dev.errand.task.TaskOutcome.Permitted;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import java.util.List;
import org.junit.jupiter.api.Test;

class InterruptionTest extends RunningTask {
    /** Refuses a call of another operation each time. */
    private TaskOutcome refuse(TokenAccount... chain) {
        return refused(DenyReason.NOT_GRANTED, List.of(Tasks.pair(Tasks.unique("op"))), chain);
    }

    private TaskOutcome refused(DenyReason reason, List<OperationCall> calls, TokenAccount... chain) {
        return step(new TaskStep.Refuse(Tasks.unique("d"), List.of(chain), Tasks.proof(), reason, calls, 0, 0));
    }

    private String interruption(DenyReason reason, OperationCall... calls) {
        return ((Denied) refused(reason, List.of(calls), ROOT)).interruption();
    }

    @Test
    void call_violation_cutsTheLeafAndBelow() {
        policy = Tasks.reactions(policy, REPEATED);
        start();
        Denied denied = (Denied) step(call(List.of(ROOT, A), "forbidden"));
        assertThat(denied.denial().step()).isEqualTo("rule");
        assertThat(denied.interruption()).contains("depth 1", "It is forbidden", "shortest sequence: forbidden");
        assertThat(step(call(List.of(ROOT, A), "x"))).isInstanceOf(Ended.class);
        assertThat(step(call(List.of(ROOT, A, B), "x"))).isInstanceOf(Ended.class);
        assertThat(step(call(List.of(ROOT, B), "x"))).isInstanceOf(Permitted.class);
    }

    @Test
    void call_violationOfRootLeaf_interruptsTheTask() {
        policy = Tasks.reactions(policy, REPEATED);
        start();
        assertThat(((Denied) step(call(List.of(ROOT), "forbidden"))).interruption())
                .isNotNull();
        Ended ended = (Ended) step(call(List.of(ROOT, B), "x"));
        assertThat(ended.state()).isEqualTo(TaskState.INTERRUPTED);
        assertThat(ended.why()).contains("forbidden");
    }

    @Test
    void call_cutTask_endsAll() {
        policy = Tasks.cut(Tasks.reactions(policy, REPEATED), TaskPolicy.Cut.TASK);
        start();
        step(call(List.of(ROOT, A), "forbidden"));
        assertThat(step(call(List.of(ROOT, B), "x"))).isInstanceOf(Ended.class);
    }

    @Test
    void cuts_countAsDenialsOfTheParent() {
        policy = Tasks.reactions(policy, REPEATED);
        start();
        step(call(List.of(ROOT, A), "forbidden"));
        step(call(List.of(ROOT, B), "forbidden"));
        assertThat(((Done) step(new TaskStep.Look())).state()).isEqualTo(TaskState.ACTIVE);
        step(call(List.of(ROOT, token("c")), "forbidden"));
        assertThat(((Done) step(new TaskStep.Look())).state()).isEqualTo(TaskState.INTERRUPTED);
    }

    @Test
    void repeated_proofOfAnotherCall_countsForNothing() {
        policy = Tasks.reactions(policy, REPEATED);
        start();
        for (int i = 0; i < 5; i++) {
            TaskOutcome refused = step(new TaskStep.Refuse(
                    Tasks.unique("d"), List.of(ROOT), Tasks.proof(), DenyReason.INVALID_PROOF, List.of(), 0, 0));
            assertThat(((Denied) refused).ending()).isNull();
        }
        assertThat(step(call(List.of(ROOT), "x"))).isInstanceOf(Permitted.class);
    }

    @Test
    void repeated_childNeverPermitted_countsAtItsNearestPermittedAncestor() {
        policy = Tasks.reactions(policy, REPEATED);
        start();
        assertThat(step(call(List.of(ROOT, A), "x"))).isInstanceOf(Permitted.class);
        refuse(ROOT, A, token("c1"));
        refuse(ROOT, A, token("c2"));
        Denied third = (Denied) refuse(ROOT, A, token("c3"));
        assertThat(third.interruption()).contains("depth 1");
        assertThat(step(call(List.of(ROOT, A), "x"))).isInstanceOf(Ended.class);
        assertThat(step(call(List.of(ROOT, B), "x"))).isInstanceOf(Permitted.class);
    }

    /** As clients make them that have four transfers at once, or repeat what was refused. */
    @Test
    void repeated_sameOperationsAndCode_countOnceInTwoSeconds() {
        policy = Tasks.reactions(policy, REPEATED);
        start();
        for (int i = 0; i < 50; i++) {
            assertThat(interruption(DenyReason.NOT_GRANTED, Tasks.pair("a"))).isNull();
            now += 39;
        }
        // 1,950 ms after the first: another code and other operations are other refusals, and make three.
        assertThat(interruption(DenyReason.CONSTRAINT_VIOLATED, Tasks.pair("a")))
                .isNull();
        assertThat(interruption(DenyReason.NOT_GRANTED, Tasks.pair("a"), Tasks.pair("b")))
                .contains("3 calls were refused within 60 s");
    }

    @Test
    void repeated_differentRequestsOfNoOperation_countEach() {
        policy = Tasks.reactions(policy, REPEATED);
        start();
        assertThat(unknown(1)).isNull();
        assertThat(unknown(1)).isNull();
        assertThat(unknown(2)).isNull();
        assertThat(unknown(-3)).contains("3 calls were refused within 60 s");
    }

    private String unknown(long asked) {
        return ((Denied) step(new TaskStep.Refuse(
                        Tasks.unique("d"),
                        List.of(ROOT),
                        Tasks.proof(),
                        DenyReason.UNKNOWN_OPERATION,
                        List.of(),
                        asked,
                        0)))
                .interruption();
    }

    @Test
    void repeated_sameRefusalForever_interruptsInTheEnd() {
        policy = Tasks.reactions(policy, REPEATED);
        start();
        for (int i = 0; i < 4; i++) {
            assertThat(interruption(DenyReason.NOT_GRANTED)).isNull();
            now += 1_000;
        }
        assertThat(interruption(DenyReason.NOT_GRANTED))
                .as("counted at 0 s, 2 s and 4 s")
                .isNotNull();
    }

    @Test
    void repeated_messagesOfTheProtocol_neverCount() {
        policy = Tasks.reactions(policy, REPEATED);
        start();
        for (int i = 0; i < 20; i++) {
            OperationCall pair = Tasks.pair("tools:" + i + ".list");
            OperationCall message = pair.renamed(Operation::protocol);
            assertThat(interruption(DenyReason.NOT_GRANTED, message)).isNull();
        }
        assertThat(step(call(List.of(ROOT), "x"))).isInstanceOf(Permitted.class);
    }

    @Test
    void repeated_outsideTheWindow_doesNotInterrupt() {
        policy = Tasks.reactions(policy, REPEATED);
        start();
        for (int i = 0; i < 10; i++) {
            assertThat(((Denied) refuse(ROOT)).interruption()).isNull();
            now += 30_000;
        }
    }

    @Test
    void pending_neverInterrupts() {
        policy = Tasks.reactions(policy, REPEATED);
        start();
        for (int i = 0; i < 50; i++) {
            Denied denied = (Denied) step(call(List.of(ROOT), "pending"));
            assertThat(denied.denial().step()).isEqualTo("pending");
            assertThat(denied.interruption()).isNull();
        }
        assertThat(step(call(List.of(ROOT), "x"))).isInstanceOf(Permitted.class);
    }
}
