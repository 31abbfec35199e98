package dev.errand.task.step;

import static dev.errand.task.CandidateTasks.verdict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.denial.DenyReason;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.task.CandidateTasks;
import dev.errand.task.CandidateVerdict;
import dev.errand.task.CandidateVerdict.Reach;
import dev.errand.task.Task;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskOutcome.Denied;
import dev.errand.task.TaskOutcome.Permitted;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskPolicy.Flow;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import dev.errand.task.record.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random calls, outcomes, calls given back and time, on a task with a candidate beside its template and on one without. The
 * task goes through its stored form before each step.
 */
class CandidateWalkTest {
    private static final long T0 = 1_795_000_000_000L;
    private static final int WALKS = Integer.getInteger("errand.candidate.walks", 300);
    private static final int STEPS = 60;
    private static final TokenAccount ROOT = Tasks.token("root");

    private static final List<String> TEXTS = List.of(
            "cut: task",
            "sequence: [c:a, {c:b: 1..2}, c:c]\ninterleave: [c:d]",
            "sequence: [{repeat: [c:a, c:b], times: 1..*}]",
            "rules: [{bounded: c:a, at-most: 3}, {absence: c:b, after: c:c, same: [resource]}]",
            "rules: [{precedence: c:a, before: c:b, same: [resource]}, {bounded: c:c, at-most: 2, within: 30s}]",
            "sequence: [{c:a: 1..*}, c:b]\ninterleave: [c:c, c:d]\nrules: [{bounded: c:c, at-most: 2, observe: true}]");

    private final Random random = new Random(35);

    private TaskPolicy policy(String revision) {
        return CandidateTasks.policy(
                revision,
                TEXTS.get(random.nextInt(TEXTS.size())),
                random.nextInt(3) == 0 ? 12L : null,
                random.nextInt(3) == 0,
                Flow.values()[random.nextInt(3)]);
    }

    private TaskStep.Call call() {
        List<OperationCall> pairs = new ArrayList<>();
        for (int left = random.nextInt(8) == 0 ? 2 : 1; left > 0; left--) {
            String id = "c:" + (char) ('a' + random.nextInt(4));
            pairs.add(new OperationCall(
                    new Operation(id, Effect.READ, id.equals("c:d"), id.equals("c:c")),
                    "r",
                    new JsonObject(Map.of("resource", new JsonString("r" + random.nextInt(2)))),
                    random.nextInt(20) == 0));
        }
        return new TaskStep.Call(Tasks.unique("d"), List.of(ROOT), Tasks.proof(), pairs, random.nextInt(10) != 0, 0);
    }

    /** A task on its way, under one policy. */
    private final class Walked {
        private final TaskPolicy policy;
        private @Nullable Task task;

        Walked(TaskPolicy policy) {
            this.policy = policy;
            step(new TaskStep.Start(ROOT.id(), T0 + 9_000_000), T0);
        }

        TaskOutcome step(TaskStep step, long now) {
            if (task != null) {
                task = Stored.through(task, policy, List.of(step));
            }
            StepBatch.Applied applied = StepBatch.apply(policy, task, List.of(step), now);
            task = applied.next();
            return applied.outcomes().get(0);
        }
    }

    private interface Checked {
        void call(TaskOutcome alone, TaskOutcome beside);
    }

    private void walk(TaskPolicy running, TaskPolicy candidate, Checked check) {
        Walked alone = new Walked(running);
        Walked beside = new Walked(running.beside(candidate));
        List<TaskStep.Call> open = new ArrayList<>();
        long now = T0;
        for (int i = 0; i < STEPS; i++) {
            now += random.nextInt(8) == 0 ? 61_000 : random.nextInt(4_000);
            int kind = random.nextInt(10);
            if (kind < 3 && !open.isEmpty()) {
                TaskStep.Call over = open.remove(random.nextInt(open.size()));
                TaskStep after = kind == 0
                        ? new TaskStep.GiveBack(
                                over.decision(), over.chain(), over.calls().size())
                        : new TaskStep.Settle(over.decision(), kind == 1);
                assertThat(beside.step(after, now)).isEqualTo(alone.step(after, now));
                continue;
            }
            TaskStep.Call call = call();
            TaskOutcome one = alone.step(call, now);
            TaskOutcome other = beside.step(call, now);
            assertThat(other.beside(null))
                    .as("the candidate changes no outcome")
                    .isEqualTo(one);
            check.call(one, other);
            if (one instanceof Permitted) {
                open.add(call);
            }
        }
    }

    @Test
    void outcomes_areTheSame_withAnyCandidateBesideTheTemplate() {
        int[] differ = new int[1];
        for (int walk = 0; walk < WALKS; walk++) {
            walk(policy("sha-256:r"), policy("sha-256:c"), (alone, beside) -> {
                CandidateVerdict verdict = verdict(beside);
                assertThat(verdict.reach()).isEqualTo(Reach.STEP);
                assertThat(verdict.partial()).isFalse();
                differ[0] += verdict.permit() == alone instanceof Permitted ? 0 : 1;
            });
        }
        assertThat(differ[0]).as("the candidates do say something else").isGreaterThan(WALKS);
    }

    @Test
    void candidate_ofTheSameText_saysTheSameOfEveryCall() {
        int[] denied = new int[1];
        for (int walk = 0; walk < WALKS; walk++) {
            TaskPolicy running = policy("sha-256:r");
            TaskPolicy candidate = new TaskPolicy(
                    running.template(),
                    "sha-256:c",
                    running.limits(),
                    running.operationLimits(),
                    running.calls(),
                    running.sequence(),
                    running.reactions(),
                    running.cut(),
                    running.flow(),
                    running.observe());
            walk(running, candidate, (alone, beside) -> {
                CandidateVerdict verdict = verdict(beside);
                assertThat(verdict.permit()).isEqualTo(alone instanceof Permitted);
                if (alone instanceof Denied refused) {
                    denied[0]++;
                    assertThat(verdict.objection()).isEqualTo(refused.denial());
                } else if (alone instanceof Permitted permitted) {
                    DenyReason observed = permitted.observed().isEmpty()
                            ? null
                            : permitted.observed().get(0).reason();
                    assertThat(
                                    verdict.objection() == null
                                            ? null
                                            : verdict.objection().reason())
                            .isEqualTo(observed);
                    assertThat(verdict.awaited()).isEqualTo(permitted.awaited());
                }
            });
        }
        assertThat(denied[0]).as("calls are refused").isGreaterThan(WALKS);
    }
}
