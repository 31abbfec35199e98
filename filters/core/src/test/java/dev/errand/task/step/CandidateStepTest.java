package dev.errand.task.step;

import static dev.errand.task.CandidateTasks.policy;
import static dev.errand.task.CandidateTasks.verdict;
import static dev.errand.task.Tasks.bounded;
import static dev.errand.task.Tasks.call;
import static dev.errand.task.Tasks.limit;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.denial.DenyReason;
import dev.errand.sequence.Move;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.SequenceState;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.task.CandidateState;
import dev.errand.task.CandidateTasks;
import dev.errand.task.CandidateVerdict;
import dev.errand.task.CandidateVerdict.Reach;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskOutcome.Denied;
import dev.errand.task.TaskOutcome.Permitted;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskPolicy.Flow;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import dev.errand.task.record.Stored;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a candidate says of calls from its own state, and what becomes of that state. */
class CandidateStepTest extends RunningTask {
    private static final String TWICE = "rules: [{bounded: c:a, at-most: 2}]";

    private final TaskPolicy candidate = policy("sha-256:c", TWICE);

    CandidateStepTest() {
        policy = Tasks.policy();
    }

    /** The format before keeps nothing of a candidate. */
    @Override
    TaskOutcome step(TaskStep step) {
        if (task != null) {
            task = Stored.through(task, policy, List.of(step));
        }
        StepBatch.Applied applied = StepBatch.apply(policy, task, List.of(step), now);
        task = applied.next();
        return applied.outcomes().get(0);
    }

    private void startBeside(TaskPolicy other) {
        policy = Tasks.policy().beside(other);
        start();
    }

    private CandidateVerdict a() {
        return verdict(step(call(List.of(ROOT), "c:a")));
    }

    @Test
    void call_beyondARuleOfTheCandidateAlone_passesAndNamesTheRule() {
        startBeside(candidate);
        assertThat(a().permit()).isTrue();
        assertThat(a().permit()).isTrue();
        TaskOutcome third = step(call(List.of(ROOT), "c:a"));
        assertThat(third).isInstanceOf(Permitted.class);
        CandidateVerdict verdict = verdict(third);
        assertThat(verdict.revision()).isEqualTo("sha-256:c");
        assertThat(verdict.permit()).isFalse();
        assertThat(verdict.partial()).isFalse();
        assertThat(verdict.objection().reason()).isEqualTo(DenyReason.RULE_VIOLATION);
        assertThat(verdict.objection().rule()).isEqualTo("tasks/release.candidate.yaml:1");
    }

    @Test
    void call_thatWasSent_isCountedThoughTheCandidateObjects_andOneThatWasRefusedIsNot() {
        String five = "rules: [{bounded: c:a, at-most: 5}]";
        policy = Tasks.calls(Tasks.policy(), 4).beside(policy("sha-256:c", five, 3L, false, Flow.OFF));
        start();
        for (int i = 0; i < 4; i++) {
            assertThat(a().permit()).isEqualTo(i < 3);
        }
        TaskOutcome fifth = step(call(List.of(ROOT), "c:a"));
        assertThat(reason(fifth)).isEqualTo(DenyReason.BUDGET_EXHAUSTED);
        policy = Tasks.policy().beside(policy.candidate());
        // Four of the five were sent, so that the rule has room for one more: the budget alone objects.
        assertThat(a().objection().reason()).isEqualTo(DenyReason.BUDGET_EXHAUSTED);
        TaskPolicy withoutBudget = policy("sha-256:c", five);
        policy = Tasks.policy().beside(withoutBudget);
        assertThat(a().objection().reason()).as("five were sent").isEqualTo(DenyReason.RULE_VIOLATION);
    }

    @Test
    void call_refusedByTheTemplateAlone_wouldPass() {
        policy = Tasks.calls(Tasks.policy(), 1).beside(candidate);
        start();
        a();
        TaskOutcome second = step(call(List.of(ROOT), "c:a"));
        assertThat(second).isInstanceOf(Denied.class);
        assertThat(verdict(second).permit()).isTrue();
    }

    @Test
    void call_refusedByABoundOfItsToken_isRefusedUnderAnyTemplate() {
        policy = Tasks.policy().beside(candidate);
        start();
        TokenAccount one = bounded("root", 1L, null);
        assertThat(verdict(step(call(List.of(one), "c:a"))).permit()).isTrue();
        TaskOutcome budget = step(call(List.of(one), "c:a"));
        assertThat(reason(budget)).isEqualTo(DenyReason.BUDGET_EXHAUSTED);
        assertThat(verdict(budget).objection()).isEqualTo(((Denied) budget).denial());
        TokenAccount slow = bounded("a", null, null, limit(1, MINUTE));
        assertThat(step(call(List.of(ROOT, slow), "c:b"))).isInstanceOf(Permitted.class);
        TaskOutcome rate = step(call(List.of(ROOT, slow), "c:b"));
        assertThat(reason(rate)).isEqualTo(DenyReason.RATE_EXCEEDED);
        assertThat(verdict(rate).permit()).isFalse();
        assertThat(verdict(rate).objection()).isEqualTo(((Denied) rate).denial());
    }

    @Test
    void task_thatBeganBeforeTheCandidate_isJudgedFromAnEmptyState_partially() {
        start();
        step(call(List.of(ROOT), "c:a"));
        step(call(List.of(ROOT), "c:a"));
        policy = Tasks.policy().beside(candidate);
        for (int i = 0; i < 3; i++) {
            CandidateVerdict verdict = a();
            assertThat(verdict.partial()).isTrue();
            assertThat(verdict.permit()).isEqualTo(i < 2);
        }
    }

    @Test
    void task_thatBeganBeforeTheCandidate_andCalledNothing_isPartialToo() {
        start();
        policy = Tasks.policy().beside(candidate);
        assertThat(a().partial()).isTrue();
    }

    @Test
    void anotherCandidate_beginsAnew_andWithoutOneTheStateIsDropped() {
        startBeside(candidate);
        a();
        a();
        policy = Tasks.policy().beside(policy("sha-256:other", TWICE));
        assertThat(a().permit()).isTrue();
        assertThat(a().partial()).isTrue();
        policy = Tasks.policy();
        step(call(List.of(ROOT), "c:a"));
        assertThat(task.lists().candidate().isNone()).isTrue();
        policy = Tasks.policy().beside(candidate);
        assertThat(a().partial()).isTrue();
    }

    @Test
    void sameCandidate_compiledAnew_goesOn() {
        startBeside(candidate);
        a();
        a();
        policy = Tasks.policy().beside(policy("sha-256:c", TWICE));
        CandidateVerdict third = a();
        assertThat(third.permit()).isFalse();
        assertThat(third.partial()).isFalse();
    }

    @Test
    void outcomeAndGivingBack_moveTheCandidatesStateAlone() {
        startBeside(policy("sha-256:c", "sequence: [c:a, c:b]"));
        TaskStep.Call first = call(List.of(ROOT), "c:a");
        Permitted sent = (Permitted) step(first);
        assertThat(sent.awaited().outcome()).as("of the template").isFalse();
        assertThat(verdict(sent).awaited().outcome()).isTrue();
        CandidateVerdict pending = verdict(step(call(List.of(ROOT), "c:b")));
        assertThat(pending.permit()).isFalse();
        assertThat(pending.objection().step()).isEqualTo("pending");
        step(new TaskStep.Settle(first.decision(), true));
        TaskStep.Call second = call(List.of(ROOT), "c:b");
        assertThat(verdict(step(second)).permit()).isTrue();
        step(new TaskStep.GiveBack(second.decision(), second.chain(), 1));
        assertThat(verdict(step(call(List.of(ROOT), "c:b"))).permit()).isTrue();
    }

    @Test
    void callsOfOneBatch_areJudgedOneBehindTheOther() {
        startBeside(candidate);
        List<TaskStep> batch =
                List.of(call(List.of(ROOT), "c:a"), call(List.of(ROOT), "c:a"), call(List.of(ROOT), "c:a"));
        List<TaskOutcome> outcomes = StepBatch.apply(policy, task, batch, now).outcomes();
        assertThat(outcomes.stream().map(outcome -> verdict(outcome).permit())).containsExactly(true, true, false);
    }

    @Test
    void callRefusedBeforeItsStep_tellsOnlyHowMuchTheCandidateKnows() {
        startBeside(candidate);
        TaskOutcome refused =
                step(new TaskStep.Refuse("d", List.of(ROOT), Tasks.proof(), DenyReason.NOT_GRANTED, List.of(), 0, 0));
        assertThat(verdict(refused).reach()).isEqualTo(Reach.BEFORE);
        assertThat(verdict(refused).partial()).isFalse();
    }

    @Test
    void candidateThatFails_isGivenUp_andChangesNothing() {
        TaskPolicy broken = CandidateTasks.judging("sha-256:c", new Odd(true, 0));
        startBeside(broken);
        TaskOutcome outcome = step(call(List.of(ROOT), "c:a"));
        assertThat(outcome).isInstanceOf(Permitted.class);
        assertThat(verdict(outcome).reach()).isEqualTo(Reach.NONE);
        assertThat(a().reach()).isEqualTo(Reach.NONE);
        policy = Tasks.policy().beside(policy("sha-256:d", TWICE));
        assertThat(a().reach()).as("another candidate judges").isEqualTo(Reach.STEP);
    }

    @Test
    void stateThatIsTooLong_isGivenUp_andChangesNothing() {
        startBeside(CandidateTasks.judging("sha-256:c", new Odd(false, CandidateState.MAX_BYTES)));
        for (int i = 0; i < 3; i++) {
            TaskOutcome outcome = step(call(List.of(ROOT), "c:a"));
            assertThat(outcome).isInstanceOf(Permitted.class);
            assertThat(verdict(outcome).reach()).isEqualTo(Reach.NONE);
        }
        assertThat(task.lists().candidate().written(0)).hasSizeLessThan(32);
        policy = Tasks.policy().beside(policy("sha-256:d", TWICE));
        assertThat(a().reach()).as("another candidate judges").isEqualTo(Reach.STEP);
    }

    /** Plan and rules that fail at every call, or whose state has so many bytes. */
    private record Odd(boolean fails, int bytes) implements SequencePolicy {
        private static final SequencePolicy sound = SequencePolicy.ANY_ORDER;

        @Override
        public String digest() {
            return sound.digest();
        }

        @Override
        public SequenceState start() {
            return sound.start();
        }

        @Override
        public Judged judge(
                SequenceState state, List<Move> moves, AnswerValues answers, String decision, long nowMillis) {
            if (fails) {
                throw new IllegalStateException("a bug");
            }
            return sound.judge(state, moves, answers, decision, nowMillis);
        }

        @Override
        public SequenceState settle(SequenceState state, String decision, boolean happened, long nowMillis) {
            return state;
        }

        @Override
        public SequenceState giveBack(SequenceState state, String decision, long nowMillis) {
            return state;
        }

        @Override
        public SequenceState expire(SequenceState state, long nowMillis) {
            return state;
        }

        @Override
        public byte[] write(SequenceState state) {
            return new byte[bytes];
        }

        @Override
        public SequenceState read(byte[] written) {
            return sound.start();
        }
    }

    @Test
    void flowOfTheCandidate_isJudgedByWhatItSawItself() {
        startBeside(policy("sha-256:c", "cut: task", null, false, Flow.ENFORCE));
        TaskStep.Call tainted = CandidateTasks.labelled("c:web", true, false);
        TaskStep.Call pay = CandidateTasks.labelled("c:pay", false, true);
        assertThat(verdict(step(pay)).permit()).isTrue();
        step(tainted);
        TaskOutcome after = step(CandidateTasks.labelled("c:pay", false, true));
        assertThat(after).isInstanceOf(Permitted.class);
        assertThat(verdict(after).objection().reason()).isEqualTo(DenyReason.FLOW_DENIED);
    }
}
