package dev.errand.load.bench;

import dev.errand.state.StateListener;
import dev.errand.state.redis.RecordTerms;
import dev.errand.state.redis.RedisTaskStore;
import dev.errand.state.redis.link.ClockSkew;
import dev.errand.state.redis.link.EmbeddedRedis;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.task.Task;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import dev.errand.task.record.Reading;
import dev.errand.task.record.TaskFormats;
import dev.errand.task.step.StepBatch;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The step of one call with a candidate beside its template and without: computed alone, with the record read before and written
 * after, and made at a Redis on this machine. The candidate has as many limits and rules as the template, and its plan.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 3,
        jvmArgsAppend = {"-XX:+UseParallelGC", "-Xmx512m"})
public class StepBesideCandidate {
    private static final long NOW_MILLIS = 1_795_000_000_000L;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final String OPERATION = "vault:kv.read";

    private static final TokenAccount ROOT =
            Tasks.bounded("root", 1_000_000_000L, null, Tasks.limit(1_000_000, Duration.ofSeconds(1)));

    @Param({"false", "true"})
    boolean candidate;

    private TaskPolicy policy = TaskStepOfCall.policy();
    private TaskStep.Call call = Tasks.call(List.of(ROOT), OPERATION);
    private Task task;
    private byte[] record = new byte[0];
    private EmbeddedRedis redis;
    private RedisLink link;
    private RedisTaskStore store;
    private final TaskKey key = new TaskKey(Tasks.unique("t-"));

    @Setup
    public void firstCalls() throws Exception {
        if (candidate) {
            policy = policy.beside(TaskStepOfCall.policy());
        }
        TaskStep start = new TaskStep.Start(ROOT.id(), NOW_MILLIS + 900_000);
        task = Objects.requireNonNull(
                StepBatch.apply(policy, null, List.of(start), NOW_MILLIS).next());
        for (int i = 0; i < 2; i++) {
            List<TaskStep> steps = List.of(call, new TaskStep.Settle(call.decision(), true));
            task = Objects.requireNonNull(permitted(task, steps).next());
        }
        record = TaskFormats.ALL.newest().write(task, policy, 1).record();
        redis = EmbeddedRedis.start(Files.createTempDirectory("errand-candidate-bench"), 0, false);
        link = RedisLink.open(redis.address(), TIMEOUT, Duration.ofSeconds(5), StateListener.NONE);
        if (!link.awaitAnswer(TIMEOUT)) {
            throw new IllegalStateException("no answer from Redis");
        }
        store = new RedisTaskStore(link, TIMEOUT, StateListener.NONE, RecordTerms.NEWEST, ClockSkew.ANY);
        store.apply(key, policy, new TaskStep.Start(ROOT.id(), Tasks.FAR_MILLIS))
                .block();
    }

    @TearDown
    public void stop() {
        link.close();
        redis.close();
    }

    @Benchmark
    public StepBatch.Applied step() {
        return permitted(task, List.of(call));
    }

    @Benchmark
    public byte[] readStepWrite() {
        Reading read = TaskFormats.ALL.read(record, 0, Map.of(), null, policy, List.of(call));
        Task current = ((Reading.Whole) read).task();
        Task next = Objects.requireNonNull(permitted(current, List.of(call)).next());
        return TaskFormats.ALL.newest().write(next, policy, 2).record();
    }

    @Benchmark
    public TaskOutcome atStore() {
        TaskStep.Call made = Tasks.call(List.of(ROOT), OPERATION);
        TaskOutcome outcome =
                Objects.requireNonNull(store.apply(key, policy, made).block());
        if (!(outcome instanceof TaskOutcome.Permitted)) {
            throw new IllegalStateException(outcome.toString());
        }
        return Objects.requireNonNull(store.apply(key, policy, new TaskStep.Settle(made.decision(), true))
                .block());
    }

    private StepBatch.Applied permitted(Task current, List<TaskStep> steps) {
        StepBatch.Applied applied = StepBatch.apply(policy, current, steps, NOW_MILLIS + 5);
        if (!(applied.outcomes().get(0) instanceof TaskOutcome.Permitted)) {
            throw new IllegalStateException(applied.outcomes().toString());
        }
        return applied;
    }
}
