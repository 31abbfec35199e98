package dev.errand.load.bench;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.limit.TokenBucket;
import dev.errand.sequence.SequenceCompiler;
import dev.errand.sequence.SequenceParser;
import dev.errand.sequence.SequencePolicy;
import dev.errand.task.Task;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import dev.errand.task.record.Reading;
import dev.errand.task.record.TaskFormats;
import dev.errand.task.step.StepBatch;
import dev.errand.token.TokenId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One call's step on a task's state and the step of its outcome, under a plan, two buckets of the task, one of the
 * operation and one of each token of the chain; and the same with the record read before and written after, as the shared store does.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseParallelGC", "-Xmx512m"})
public class TaskStepOfCall {
    private static final long NOW_MILLIS = 1_795_000_000_000L;
    private static final String OPERATION = "vault:kv.read";

    /** Tokens of the chain. */
    @Param({"1", "8"})
    int depth = 1;

    private final TaskPolicy policy = policy();
    private final TaskStep.Settle settle = new TaskStep.Settle("d-1", true);
    private TaskStep.Call call;
    private Task task;
    private byte[] record = new byte[0];

    @Setup
    public void firstCalls() {
        List<TokenAccount> chain = IntStream.range(0, depth)
                .mapToObj(at -> new TokenAccount(
                        TokenId.ofSigningInput(new byte[] {(byte) at}),
                        1_000_000_000L,
                        null,
                        Tasks.own(Tasks.limit(1_000_000, Duration.ofSeconds(1)))))
                .toList();
        call = new TaskStep.Call("d-1", chain, Tasks.proof("proof"), List.of(Tasks.pair(OPERATION)), true, 0);
        task = started(policy, chain.get(0));
        // Two calls that happened: the buckets are not full, the plan is under way.
        for (int i = 0; i < 2; i++) {
            task = Objects.requireNonNull(permitted(task, List.of(call, settle)).next());
        }
        record = TaskFormats.ALL.newest().write(task, policy, 1).record();
    }

    @Benchmark
    public StepBatch.Applied step() {
        return permitted(task, List.of(call));
    }

    @Benchmark
    public StepBatch.Applied stepAndOutcome() {
        return permitted(task, List.of(call, settle));
    }

    @Benchmark
    public byte[] readStepWrite() {
        Reading read = TaskFormats.ALL.read(record, 0, Map.of(), null, policy, List.of(call));
        Task current = ((Reading.Whole) read).task();
        Task next = Objects.requireNonNull(permitted(current, List.of(call)).next());
        return TaskFormats.ALL.newest().write(next, policy, 2).record();
    }

    private StepBatch.Applied permitted(Task current, List<TaskStep> steps) {
        StepBatch.Applied applied = StepBatch.apply(policy, current, steps, NOW_MILLIS + 5);
        if (!(applied.outcomes().get(0) instanceof TaskOutcome.Permitted)) {
            throw new IllegalStateException(applied.outcomes().toString());
        }
        return applied;
    }

    private static Task started(TaskPolicy policy, TokenAccount root) {
        TaskStep start = new TaskStep.Start(root.id(), NOW_MILLIS + 900_000);
        return Objects.requireNonNull(
                StepBatch.apply(policy, null, List.of(start), NOW_MILLIS).next());
    }

    static TaskPolicy policy() {
        return new TaskPolicy(
                "release",
                "sha-256:r1",
                TokenBucket.compile(List.of(
                        Tasks.limit(1_000_000, Duration.ofSeconds(1)), Tasks.limit(10_000_000, Duration.ofHours(1)))),
                Map.of(OPERATION, TokenBucket.compile(List.of(Tasks.limit(1_000_000, Duration.ofSeconds(1))))),
                1_000_000_000L,
                sequence(),
                TaskPolicy.Reactions.DEFAULT,
                TaskPolicy.Cut.SUBTREE,
                TaskPolicy.Flow.OFF,
                false);
    }

    private static SequencePolicy sequence() {
        Faults faults = new Faults();
        YamlMap plan = (YamlMap) Objects.requireNonNull(Yaml.parse("plan.yaml", """
                sequence:
                  - vault:kv.read: 1..*
                  - ci:pipeline.trigger
                  - k8s:apps/deployments.patch
                interleave: [ci:pipeline.get]
                rules:
                  - {absence: ci:pipeline.trigger, after: k8s:apps/deployments.patch}
                """, faults));
        return Objects.requireNonNull(
                SequenceParser.policy(plan, SequenceCompiler.DEFAULT_RESPONSE_TIMEOUT, faults), faults.toString());
    }
}
