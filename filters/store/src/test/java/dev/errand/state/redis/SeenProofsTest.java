package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.jose.ProofClaim;
import dev.errand.limit.Budgets;
import dev.errand.sequence.Awaited;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeenProofsTest {
    private static final TaskKey TASK = new TaskKey("t-1");
    private static final TaskOutcome.Progress PROGRESS =
            new TaskOutcome.Progress("0", "1", new Budgets.Builder(0).build());
    private static final TaskOutcome PERMITTED = new TaskOutcome.Permitted(PROGRESS, Awaited.NOTHING, List.of());
    private static final TaskOutcome DENIED =
            new TaskOutcome.Denied(new Denial(DenyReason.NOT_GRANTED, null, "no"), null, null, PROGRESS);

    private final SeenProofs seen = new SeenProofs();

    private static TaskStep call(String hash, boolean onlyWhenPermitted) {
        return call("root", hash, onlyWhenPermitted);
    }

    private static TaskStep call(String leaf, String hash, boolean onlyWhenPermitted) {
        return new TaskStep.Call(
                "d",
                List.of(Tasks.token(leaf)),
                new ProofClaim(hash, Long.MAX_VALUE, onlyWhenPermitted),
                List.of(Tasks.pair("x")),
                true,
                0);
    }

    private void answered(TaskStep step, TaskOutcome outcome) {
        seen.remember(TASK, step, outcome, seen.endings());
    }

    @Test
    void proof_thatTheStoreUsedUp_isRepeated_ofThatTaskAlone() {
        assertThat(seen.repeated(TASK, call("p", false))).isNull();
        answered(call("p", false), PERMITTED);
        answered(call("q", false), DENIED);
        answered(call("r", true), new TaskOutcome.Replayed());
        for (String hash : List.of("p", "q", "r")) {
            assertThat(seen.repeated(TASK, call(hash, false))).isEqualTo(new TaskOutcome.Replayed());
        }
        assertThat(seen.repeated(TASK, call("s", false))).isNull();
        assertThat(seen.repeated(new TaskKey("t-2"), call("p", false))).isNull();
    }

    @Test
    void proof_thatTheStoreDidNotUseUp_isNotRemembered() {
        answered(call("aat", true), DENIED);
        assertThat(seen.repeated(TASK, call("aat", true))).isNull();
        answered(call("unknown", false), new TaskOutcome.Ended(TaskState.EXPIRED, null));
        assertThat(seen.repeated(TASK, call("unknown", false))).isNull();
        TaskStep tls = new TaskStep.Call(
                "d", List.of(Tasks.token("root")), ProofClaim.NONE, List.of(Tasks.pair("x")), true, 0);
        answered(tls, PERMITTED);
        assertThat(seen.repeated(TASK, tls)).isNull();
    }

    @Test
    void proof_forATaskThatWasEnded_isToldSoAgain() {
        TaskOutcome.Ended over = new TaskOutcome.Ended(TaskState.INTERRUPTED, "why");
        answered(call("p", false), over);
        assertThat(seen.repeated(TASK, call("p", false))).isEqualTo(new TaskOutcome.Replayed(over));
        assertThat(seen.repeated(TASK, call("child", "p", false)))
                .as("a token that may not be over")
                .isNull();
    }

    @Test
    void ending_makesTheStoreBeAskedOnceMore() {
        answered(call("p", false), PERMITTED);
        int before = seen.endings();
        seen.ended();
        assertThat(seen.repeated(TASK, call("p", false))).isNull();
        seen.remember(TASK, call("p", false), new TaskOutcome.Replayed(), before);
        assertThat(seen.repeated(TASK, call("p", false)))
                .as("asked before the ending was heard of")
                .isNull();
        answered(call("p", false), new TaskOutcome.Ended(TaskState.COMPLETED, null));
        assertThat(seen.repeated(TASK, call("p", false))).isInstanceOf(TaskOutcome.Replayed.class);
    }

    @Test
    void proofs_beyondTheBound_takeThePlacesOfOlderOnes() {
        for (int i = 0; i < 200_000; i++) {
            answered(call("p" + i, false), PERMITTED);
        }
        int known = 0;
        for (int i = 0; i < 200_000; i++) {
            known += seen.repeated(TASK, call("p" + i, false)) == null ? 0 : 1;
        }
        assertThat(known).isBetween(40_000, 65_536);
        assertThat(seen.repeated(TASK, call("p199999", false))).isNotNull();
    }
}
