package dev.errand.task.step;

import static dev.errand.task.step.Asker.ALICE;
import static dev.errand.task.step.Asker.BOB;
import static dev.errand.task.step.Asker.CHILD;
import static dev.errand.task.step.Asker.ROOT;
import static dev.errand.task.step.Asker.T0;
import static dev.errand.task.step.Asker.code;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.task.ApprovalQuestion.Limit;
import dev.errand.task.ApprovalRequest.State;
import dev.errand.task.Task;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskOutcome.Asks;
import dev.errand.task.TaskOutcome.Decided.Verdict;
import dev.errand.task.TaskOutcome.Denied;
import dev.errand.task.TaskOutcome.Permitted;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AskStepTest {
    private static final String PLAN = "sequence: [x:a, x:b]\non-violation: {sequence: ask, rule: ask}";

    private final Asker asker = new Asker("", PLAN);

    @Test
    void call_thatIsAskedAbout_changesNothingFirst() {
        TaskStep.Call call = asker.call("x:b", List.of(ROOT));
        Task before = asker.task;
        assertThat(asker.apply(call))
                .isInstanceOfSatisfying(
                        Asks.class,
                        asks -> assertThat(asks.objection().reason().code()).isEqualTo("sequence-violation"));
        assertThat(asker.task.epoch()).isEqualTo(before.epoch());
        assertThat(StepBatch.claimed(call, new Asks(null, null))).isNull();
        assertThat(asker.apply(call.asking(Asker.asking("x:b", ROOT.id(), "1", Limit.UNASKED))))
                .isInstanceOf(Asks.class);
        assertThat(asker.task.epoch()).isEqualTo(before.epoch());
    }

    @Test
    void request_isOpenedOnce_andStandsForTheSameCall() {
        TaskOutcome.Asked first = asker.asked("x:b", "1");
        assertThat(first.opened()).isTrue();
        assertThat(first.expiresInSeconds()).isEqualTo(600);
        TaskOutcome.Asked again = asker.asked("x:b", "1");
        assertThat(again.opened()).isFalse();
        assertThat(again.request().id()).isEqualTo(first.request().id());
        assertThat(asker.asked("x:b", "2").request().id())
                .isNotEqualTo(first.request().id());
        Denied denied = (Denied) asker.ask("x:b", "1");
        assertThat(denied.denial().step()).isEqualTo("approval");
        assertThat(denied.progress().reaction()).isEqualTo(TaskPolicy.Reaction.DENY);
    }

    @Test
    void waitingCalls_areRecordedOnceInAMinute_andCountedByTheNext() {
        assertThat(asker.asked("x:b", "1").counted()).isEqualTo(1);
        assertThat(asker.asked("x:b", "1").counted()).isEqualTo(1);
        asker.now += 30_000;
        assertThat(asker.asked("x:b", "1").counted()).isZero();
        asker.now += 29_999;
        assertThat(asker.asked("x:b", "1").counted()).isZero();
        // Another request has a minute of its own.
        assertThat(asker.asked("x:b", "2").counted()).isEqualTo(1);
        asker.now += 1;
        assertThat(asker.asked("x:b", "1").counted()).isEqualTo(3);
        asker.now += 1;
        assertThat(asker.asked("x:b", "1").counted()).isZero();
    }

    @Test
    void approved_passesOnce_andMovesNothing() {
        TaskOutcome.Asked asked = asker.asked("x:b", "1");
        assertThat(asker.decide(asked, ALICE, true).verdict()).isEqualTo(Verdict.APPROVED);
        Permitted passed = (Permitted) asker.ask("x:b", "1");
        assertThat(passed.approval().by()).containsExactly(ALICE);
        assertThat(passed.approval().digest()).isEqualTo(asked.request().digest());
        assertThat(passed.used().state()).isEqualTo(State.USED);
        assertThat(passed.progress().before()).isEqualTo(passed.progress().after());
        assertThat(asker.asked("x:b", "1").opened()).isTrue();
        assertThat(asker.ask("x:a", "1")).isInstanceOf(Permitted.class);
    }

    @Test
    void approved_byOneBatchOfCallers_passesOnce() {
        asker.decide(asker.asked("x:b", "1"), ALICE, true);
        List<TaskStep.Call> calls = Stream.generate(() ->
                        asker.call("x:b", List.of(ROOT)).asking(Asker.asking("x:b", ROOT.id(), "1", Limit.UNASKED)))
                .limit(64)
                .toList();
        List<TaskOutcome> outcomes =
                StepBatch.apply(asker.policy, asker.task, calls, asker.now).outcomes();
        assertThat(outcomes.stream().filter(Permitted.class::isInstance)).hasSize(1);
    }

    @Test
    void notSent_givesTheApprovalBack() {
        TaskOutcome.Asked asked = asker.asked("x:b", "1");
        asker.decide(asked, ALICE, true);
        TaskStep.Call call =
                asker.call("x:b", List.of(ROOT)).asking(Asker.asking("x:b", ROOT.id(), "1", Limit.UNASKED));
        assertThat(asker.apply(call)).isInstanceOf(Permitted.class);
        asker.apply(new TaskStep.GiveBack(call.decision(), List.of(ROOT), 1));
        Permitted again = (Permitted) asker.ask("x:b", "1");
        assertThat(again.approval().id()).isEqualTo(asked.request().id());
        asker.apply(new TaskStep.GiveBack(call.decision(), List.of(ROOT), 1));
        assertThat(code(asker.ask("x:b", "1"))).isEqualTo("approval-required");
    }

    @Test
    void permitWhoseAnswerWasLost_givesTheApprovalBack() {
        TaskOutcome.Asked asked = asker.asked("x:b", "1");
        asker.decide(asked, ALICE, true);
        TaskStep.Call call =
                asker.call("x:b", List.of(ROOT)).asking(Asker.asking("x:b", ROOT.id(), "1", Limit.UNASKED));
        assertThat(asker.apply(call)).isInstanceOf(Permitted.class);
        asker.apply(TaskStep.GiveBack.lost(call.decision()));
        assertThat(((Permitted) asker.ask("x:b", "1")).approval().id())
                .isEqualTo(asked.request().id());
        asker.apply(TaskStep.GiveBack.lost(call.decision()));
        assertThat(code(asker.ask("x:b", "1"))).isEqualTo("approval-required");
    }

    @Test
    void permittedMeanwhile_passesWithoutIt() {
        TaskOutcome.Asked asked = asker.asked("x:b", "1");
        asker.decide(asked, ALICE, true);
        TaskStep.Call first = asker.call("x:a", List.of(ROOT));
        asker.apply(first);
        asker.apply(new TaskStep.Settle(first.decision(), true));
        assertThat(((Permitted) asker.ask("x:b", "1")).approval()).isNull();
    }

    @Test
    void otherState_endsTheRequest() {
        TaskOutcome.Asked asked = asker.asked("x:c", "1");
        TaskStep.Call first = asker.call("x:a", List.of(ROOT));
        asker.apply(first);
        asker.apply(new TaskStep.Settle(first.decision(), true));
        assertThat(asker.decide(asked, ALICE, true).verdict()).isEqualTo(Verdict.UNKNOWN);
        assertThat(asker.asked("x:c", "1").opened()).isTrue();
    }

    @Test
    void time_endsTheRequest_andTheApproval() {
        TaskOutcome.Asked asked = asker.asked("x:b", "1");
        asker.decide(asked, ALICE, true);
        asker.now = T0 + 600_000;
        assertThat(asker.asked("x:b", "1").opened()).isTrue();
        assertThat(asker.decide(asked, ALICE, true).verdict()).isEqualTo(Verdict.UNKNOWN);
    }

    @Test
    void endedToken_endsItsRequests() {
        Denied denied = (Denied) asker.ask("x:b", "1", List.of(ROOT, CHILD));
        asker.apply(new TaskStep.Revoke(CHILD.id()));
        assertThat(asker.decide(denied.asked(), ALICE, true).verdict()).isEqualTo(Verdict.UNKNOWN);
    }

    @Test
    void quorum_countsAHumanOnce_andOneRefusalRefuses() {
        Asker two = new Asker("quorum: 2", PLAN);
        TaskOutcome.Asked asked = two.asked("x:b", "1");
        assertThat(two.decide(asked, ALICE, true).request().state()).isEqualTo(State.PENDING);
        assertThat(two.decide(asked, ALICE, true).verdict()).isEqualTo(Verdict.REPEATED);
        assertThat(two.asked("x:b", "1").opened()).isFalse();
        assertThat(two.decide(asked, BOB, true).request().state()).isEqualTo(State.APPROVED);
        assertThat(two.decide(asked, BOB, true).verdict()).isEqualTo(Verdict.CONFLICT);
        TaskOutcome.Asked other = two.asked("x:b", "2");
        two.decide(other, ALICE, true);
        assertThat(two.decide(other, ALICE, false).verdict()).isEqualTo(Verdict.REFUSED);
        assertThat(code(two.ask("x:b", "2"))).isEqualTo("approval-refused");
    }

    @Test
    void refused_standsInEveryState() {
        asker.decide(asker.asked("x:c", "1"), ALICE, false);
        TaskStep.Call first = asker.call("x:a", List.of(ROOT));
        asker.apply(first);
        asker.apply(new TaskStep.Settle(first.decision(), true));
        asker.now = T0 + 700_000;
        assertThat(code(asker.ask("x:c", "1"))).isEqualTo("approval-refused");
        assertThat(code(asker.ask("x:c", "2"))).isEqualTo("approval-required");
    }

    @Test
    void refused_mayInterrupt() {
        Asker strict = new Asker("refused: interrupt", PLAN);
        strict.decide(strict.asked("x:b", "1"), ALICE, false);
        assertThat(((Denied) strict.ask("x:b", "1")).ending()).isNotNull();
        assertThat(strict.ask("x:a", "1")).isInstanceOf(TaskOutcome.Ended.class);
    }

    @Test
    void anotherDigest_isAConflict() {
        TaskOutcome.Asked asked = asker.asked("x:b", "1");
        TaskStep other = new TaskStep.Decide(asked.request().id(), ALICE, true, "sha-256:x");
        assertThat(((TaskOutcome.Decided) asker.apply(other)).verdict()).isEqualTo(Verdict.CONFLICT);
    }

    @Test
    void full_isTheViolationItself_andCounts() {
        Asker one = new Asker(
                "pending: 1",
                "sequence: [x:a]\ninterleave: [x:d]\non-violation: {sequence: ask,"
                        + " repeated: {denials: 3, within: 60s, then: interrupt}}");
        for (int i = 0; i < 9; i++) {
            assertThat(code(one.ask("x:b", "1"))).isEqualTo("approval-required");
        }
        Denied full = (Denied) one.ask("x:b", "2");
        assertThat(code(full)).isEqualTo("sequence-violation");
        assertThat(full.asked()).isNull();
        assertThat(full.denial().rule()).isEqualTo(rule(one.ask("x:b", "1"))).isNotNull();
        assertThat(full.denial().detail()).doesNotContain("` Nobody").contains(". Nobody is asked, since");
        assertThat(code(one.ask("x:d", "2"))).isEqualTo("approval-required");
        one.now += 2_000;
        one.ask("x:b", "3");
        one.now += 2_000;
        assertThat(((Denied) one.ask("x:b", "4")).ending()).isNotNull();
    }

    /** A record names the step of the plan, or the rule, also where a human is asked about it. */
    @Test
    void refusalThatAsks_namesTheRuleThatObjects() {
        String violates = "on-violation: {sequence: ask, rule: ask}\n";
        Asker plan = new Asker("", "sequence: [x:a]\ninterleave: [x:d]\n" + violates);
        Asker rule = new Asker("", "rules: [{absence: x:b, after: x:a}]\n" + violates);
        rule.ask("x:a", "1");
        assertThat(rule(plan.ask("x:b", "1"))).isEqualTo("t.yaml:6");
        assertThat(rule(rule.ask("x:b", "1"))).isEqualTo("t.yaml:6");
        assertThat(rule(plan.ask("x:d", "1"))).isNull();
    }

    private static String rule(TaskOutcome outcome) {
        return ((Denied) outcome).denial().rule();
    }

    @Test
    void limitThatIsFull_isTheViolationItself() {
        TaskStep.Call call = asker.call("x:b", List.of(ROOT)).asking(Asker.asking("x:b", ROOT.id(), "1", Limit.FULL));
        assertThat(code(asker.apply(call))).isEqualTo("sequence-violation");
    }

    @Test
    void objectionThatDoesNotAsk_refusesByItself() {
        Asker fresh = new Asker(
                "",
                "sequence: [x:a]\nrules: [{bounded: x:b, at-most: 1}]\n" + "on-violation: {sequence: ask, rule: deny}");
        fresh.decide(fresh.asked("x:b", "1"), ALICE, true);
        assertThat(fresh.ask("x:b", "1")).isInstanceOf(Permitted.class);
        assertThat(code(fresh.ask("x:b", "1"))).isEqualTo("rule-violation");
    }

    @Test
    void asking_debitsTheBuckets_andNotTheCalls() {
        Asker limited = new Asker("", PLAN + "\nlimits: {task: [{capacity: 2, per: 1h}], calls: 5}");
        Denied first = (Denied) limited.ask("x:b", "1");
        assertThat(first.progress().budgets().left(0)).isEqualTo(5);
        limited.ask("x:b", "1");
        assertThat(code(limited.ask("x:b", "1"))).isEqualTo("rate-exceeded");
    }

    @Test
    void observed_opensNothing_andSaysWhatWouldBeAsked() {
        TaskPolicy observing = Asker.policy("", PLAN, true);
        TaskStep.Call call = asker.call("x:b", List.of(ROOT));
        Permitted passed = (Permitted) StepBatch.apply(
                        observing, null, List.of(new TaskStep.Start(ROOT.id(), T0 + 900_000), call), T0)
                .outcomes()
                .get(1);
        assertThat(passed.observed())
                .singleElement()
                .satisfies(denial -> assertThat(denial.reason().code()).isEqualTo("approval-required"));
        assertThat(passed.progress().reaction()).isEqualTo(TaskPolicy.Reaction.DENY);
    }

    @Test
    void consequences_areWhatBecomesPossible() {
        Asker always = new Asker("", "sequence: [x:d, x:b]");
        TaskOutcome.Asked asked = always.asked("x:d", "1");
        TaskOutcome.Inquired seen = (TaskOutcome.Inquired)
                always.apply(new TaskStep.Inquire(asked.request().id(), List.of("x:a", "x:b", "x:d")));
        assertThat(seen.possible()).containsExactly("x:d");
        assertThat(seen.afterwards()).containsExactly("x:b");
    }
}
