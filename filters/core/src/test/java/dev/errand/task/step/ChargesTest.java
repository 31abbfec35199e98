package dev.errand.task.step;

import static dev.errand.task.Tasks.bounded;
import static dev.errand.task.Tasks.call;
import static dev.errand.task.Tasks.limit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.errand.denial.DenyReason;
import dev.errand.limit.Bandwidth;
import dev.errand.task.SessionId;
import dev.errand.task.StartValues;
import dev.errand.task.TaskOutcome.Denied;
import dev.errand.task.TaskOutcome.Permitted;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChargesTest extends RunningTask {
    @Test
    void call_ofPairs_costsThatMany_andAboveCapacityIsBudget() {
        policy = Tasks.operationLimit(Tasks.limits(policy, limit(5, MINUTE)), "x", limit(2, MINUTE));
        start();
        assertThat(reason(step(call(List.of(ROOT), "x", "x", "x")))).isEqualTo(DenyReason.BUDGET_EXHAUSTED);
        Permitted two = (Permitted) step(call(List.of(ROOT), "x", "x"));
        assertThat(two.progress().budgets().asMap()).containsEntry("task", 3L).containsEntry("op:x", 0L);
        Denied third = (Denied) step(call(List.of(ROOT), "x"));
        assertThat(third.rate().policy()).isEqualTo("x");
        assertThat(third.rate().retryAfter()).isEqualTo(Duration.ofSeconds(30));
        assertThat(third.rate().capacity()).isEqualTo(2);
    }

    @Test
    void call_siblings_neverExceedTheirParent() {
        start();
        TokenAccount parent = bounded("p", 3L, null, limit(100, MINUTE));
        for (int i = 0; i < 3; i++) {
            assertThat(step(call(List.of(ROOT, parent, i % 2 == 0 ? A : B), "x")))
                    .isInstanceOf(Permitted.class);
        }
        assertThat(reason(step(call(List.of(ROOT, parent, B), "x")))).isEqualTo(DenyReason.BUDGET_EXHAUSTED);
        assertThat(reason(step(call(List.of(ROOT, parent), "x")))).isEqualTo(DenyReason.BUDGET_EXHAUSTED);
    }

    @Test
    void call_limitsOfTaskOperationAndEveryToken_areEachCharged() {
        Duration hour = Duration.ofHours(1);
        policy = Tasks.operationLimit(Tasks.limits(policy, limit(50, hour)), "x", limit(40, hour));
        start();
        TokenAccount root = bounded("root", 30L, null, limit(29, MINUTE), limit(28, hour));
        TokenAccount middle = bounded("m", 27L, null);
        TokenAccount leaf = bounded("l", 26L, null, limit(3, MINUTE), limit(4, hour), limit(25, Duration.ofDays(1)));
        TokenAccount sibling = bounded("s", null, null, limit(24, hour));
        for (int i = 1; i <= 3; i++) {
            Permitted permitted = (Permitted) step(call(List.of(root, middle, leaf), "x"));
            assertThat(permitted.progress().budgets().asMap())
                    .containsOnly(
                            entry("task", 50L - i),
                            entry("op:x", 40L - i),
                            entry("token:0", 28L - i),
                            entry("token:1", 27L - i),
                            entry("token:2", 3L - i));
        }
        assertThat(reason(step(call(List.of(root, middle, leaf), "x")))).isEqualTo(DenyReason.RATE_EXCEEDED);
        Permitted beside = (Permitted) step(call(List.of(root, middle, sibling), "x"));
        assertThat(beside.progress().budgets().asMap())
                .containsEntry("task", 46L)
                .containsEntry("op:x", 36L)
                .containsEntry("token:0", 24L)
                .containsEntry("token:1", 23L)
                .containsEntry("token:2", 23L);
        now += 60_000;
        // The limit of a minute has room again, that of an hour for one more.
        assertThat(step(call(List.of(root, middle, leaf), "x"))).isInstanceOf(Permitted.class);
        assertThat(reason(step(call(List.of(root, middle, leaf), "x")))).isEqualTo(DenyReason.RATE_EXCEEDED);
    }

    @Test
    void call_children_countAtFirstPermittedCall() {
        policy = Tasks.plan(policy, "x", "x", "x", "x");
        start();
        TokenAccount parent = bounded("root", null, 1L);
        assertThat(reason(step(call(List.of(parent, A), "y")))).isEqualTo(DenyReason.SEQUENCE_VIOLATION);
        assertThat(step(call(List.of(parent, B), "x"))).isInstanceOf(Permitted.class);
        assertThat(reason(step(call(List.of(parent, A), "x")))).isEqualTo(DenyReason.BUDGET_EXHAUSTED);
        assertThat(step(call(List.of(parent, B), "x"))).isInstanceOf(Permitted.class);
    }

    @Test
    void observedLimit_onlyReports() {
        policy = Tasks.limits(policy, new Bandwidth(1, MINUTE, true), limit(2, MINUTE));
        start();
        step(call(List.of(ROOT), "x"));
        assertThat(((Permitted) step(call(List.of(ROOT), "x"))).observed()).hasSize(1);
        assertThat(reason(step(call(List.of(ROOT), "x")))).isEqualTo(DenyReason.RATE_EXCEEDED);
    }

    @Test
    void call_tokenOfAsManyLimitsAsItMayHave_isChargedForEach() {
        start();
        Bandwidth[] limits =
                IntStream.range(0, 32).mapToObj(i -> limit(2 + i, MINUTE)).toArray(Bandwidth[]::new);
        TokenAccount leaf = bounded("l", null, null, limits);
        step(call(List.of(ROOT, leaf), "x"));
        Permitted second = (Permitted) step(call(List.of(ROOT, leaf), "x"));
        assertThat(second.progress().budgets().asMap()).containsEntry("token:1", 0L);
    }

    @Test
    void call_whateverItsOperationIsCalled_isNotTakenForTheTask() {
        policy = Tasks.operationLimit(Tasks.limits(policy, limit(9, MINUTE)), "task", limit(4, MINUTE));
        start();
        Permitted one = (Permitted) step(call(List.of(ROOT), "task"));
        assertThat(one.progress().budgets().asMap()).containsOnly(entry("task", 8L), entry("op:task", 3L));
    }

    @Test
    void call_aboveTheCapacityOfAnObservedLimit_isReportedOnceAndTakesNothing() {
        policy = Tasks.limits(policy, new Bandwidth(1, MINUTE, true));
        start();
        Permitted two = (Permitted) step(call(List.of(ROOT), "x", "x"));
        assertThat(two.observed()).hasSize(1);
        assertThat(two.observed().get(0).reason()).isEqualTo(DenyReason.BUDGET_EXHAUSTED);
        assertThat(two.progress().budgets().asMap()).containsOnly(entry("task", 1L));
    }

    @Test
    void call_severalLimitsReached_saysTheOneThatTakesLongest() {
        policy = Tasks.limits(policy, limit(1, MINUTE), limit(1, Duration.ofHours(1)), limit(1, Duration.ofSeconds(1)));
        start();
        step(call(List.of(ROOT), "x"));
        Denied denied = (Denied) step(call(List.of(ROOT), "x"));
        assertThat(denied.rate().period()).isEqualTo(Duration.ofHours(1));
        assertThat(denied.rate().retryAfter()).isEqualTo(Duration.ofHours(1));
        assertThat(denied.progress().budgets().asMap()).containsOnly(entry("task", 0L));
    }

    @Test
    void call_severalLimitsOfOneWait_saysTheFirst() {
        policy = Tasks.operationLimit(Tasks.limits(policy, limit(1, MINUTE)), "x", limit(1, MINUTE));
        start();
        step(call(List.of(ROOT), "x"));
        assertThat(((Denied) step(call(List.of(ROOT), "x"))).rate().policy()).isEqualTo("task");
    }

    @Test
    void call_refusedForItsSession_saysWhatIsLeftAndTakesNothing() {
        policy = Tasks.operationLimit(Tasks.limits(policy, limit(5, MINUTE)), "x", limit(4, MINUTE));
        start();
        TaskStep.Call call = call(List.of(bounded("root", 7L, null, limit(3, MINUTE))), "x");
        Denied denied = (Denied) step(new TaskStep.Call(
                call.decision(),
                call.chain(),
                call.proof(),
                call.calls(),
                true,
                0,
                SessionId.of("mcp", "s-1"),
                null,
                StartValues.NONE));
        assertThat(denied.denial().reason()).isEqualTo(DenyReason.NOT_GRANTED);
        assertThat(denied.progress().budgets().asMap())
                .containsOnly(entry("task", 5L), entry("op:x", 4L), entry("token:0", 3L));
    }
}
