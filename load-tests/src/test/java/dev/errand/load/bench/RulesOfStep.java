package dev.errand.load.bench;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.sequence.SequenceParser;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.task.Task;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import dev.errand.task.record.Reading;
import dev.errand.task.record.StoredTask;
import dev.errand.task.record.TaskFormats;
import dev.errand.task.step.StepBatch;
import java.time.Duration;
import java.util.HashMap;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * What rules with windows add to the processor's time of a step: one call of a task behind 40 calls of ten minutes, with the record
 * read before and written after. The call to the store, which the step waits for, is not in it. Setup prints the bytes of the state.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseParallelGC", "-Xmx512m"})
public class RulesOfStep {
    private static final int ANSWERED = 5;
    private static final long NOW_MILLIS = 1_795_000_000_000L;
    private static final TokenAccount ROOT =
            Tasks.bounded("root", 1_000_000L, null, Tasks.limit(1_000_000, Duration.ofSeconds(1)));
    private static final List<String> OPERATIONS = List.of("quote", "approve", "pay", "read", "mail");

    /** How many rules there are; 5 are rules over what answers said, which hold. */
    @Param({"0", "5", "20"})
    int rules;

    private TaskPolicy policy = Tasks.policy();
    private Task task;
    private byte[] record = new byte[0];
    private final Map<String, byte[]> parts = new HashMap<>();

    @Setup
    public void history() {
        policy = Tasks.policy(sequence(rules));
        task = Objects.requireNonNull(StepBatch.apply(
                        policy, null, List.of(new TaskStep.Start(ROOT.id(), NOW_MILLIS + 9_000_000)), NOW_MILLIS)
                .next());
        for (int i = 0; i < 40; i++) {
            TaskStep call = call("d" + i, OPERATIONS.get(i % 5), "C" + i / 5 % 4);
            List<AnswerValues.Named> said = List.of(
                    AnswerValues.Named.of("claims:quote", "total", false, JsonNumber.of(49)),
                    AnswerValues.Named.of("claims:quote", "state", false, new JsonString("open")),
                    AnswerValues.Named.of("claims:quote", "claim", false, new JsonString("C" + i / 5 % 4)));
            boolean quotes = rules == ANSWERED && i % 5 == 0;
            TaskStep settled = new TaskStep.Settle("d" + i, true, quotes);
            List<TaskStep> steps = quotes
                    ? List.of(call, settled, new TaskStep.Return("d" + i, said, true, new byte[AnswerValues.KEY_BYTES]))
                    : List.of(call, settled);
            StepBatch.Applied applied = StepBatch.apply(policy, task, steps, NOW_MILLIS + i * 15_000L);
            if (!(applied.outcomes().get(0) instanceof TaskOutcome.Permitted)) {
                throw new IllegalStateException(applied.outcomes().toString());
            }
            task = Objects.requireNonNull(applied.next());
        }
        StoredTask stored = TaskFormats.ALL.newest().write(task, policy, 1);
        record = stored.record();
        int bytes = record.length;
        for (StoredTask.Part part : stored.parts()) {
            parts.put(part.name(), part.bytes());
            bytes += part.bytes().length;
        }
        System.out.println("state with " + rules + " rules: " + bytes + " bytes");
    }

    @Benchmark
    public StepBatch.Applied step() {
        return StepBatch.apply(policy, task, List.of(call("d-1", "pay", "C1")), NOW_MILLIS + 600_005);
    }

    /** As a replica does that knows the task. */
    @Benchmark
    public byte[] stepWrite() {
        return TaskFormats.ALL
                .newest()
                .write(Objects.requireNonNull(step().next()), policy, 2)
                .record();
    }

    /** As one does to which the task is new. */
    @Benchmark
    public byte[] readStepWrite() {
        List<TaskStep> steps = List.of(call("d-1", "pay", "C1"));
        Task current = ((Reading.Whole) TaskFormats.ALL.read(record, 0, parts, null, policy, steps)).task();
        Task next = Objects.requireNonNull(
                StepBatch.apply(policy, current, steps, NOW_MILLIS + 600_005).next());
        return TaskFormats.ALL.newest().write(next, policy, 2).record();
    }

    private static TaskStep call(String id, String operation, String claim) {
        OperationCall pair = new OperationCall(
                new Operation("claims:" + operation, Effect.WRITE, false, false),
                claim,
                new JsonObject(Map.of(
                        "resource", new JsonString(claim), "claim", new JsonString(claim), "amount", JsonNumber.of(5))),
                false);
        return new TaskStep.Call(id, List.of(ROOT), Tasks.proof("proof"), List.of(pair), false, 0);
    }

    /** Each operation has four rules, and those of an approval look at two. */
    private static SequencePolicy sequence(int count) {
        if (count == 0) {
            return SequencePolicy.ANY_ORDER;
        }
        StringBuilder yaml = new StringBuilder("rules:\n");
        if (count == ANSWERED) {
            for (String where : List.of(
                    "{total: {at-least: {argument: amount}}}",
                    "{state: {one_of: [open, new]}}",
                    "{claim: {equals: {argument: claim}}}",
                    "{total: {range: {min: 1, max: 100}}}",
                    "{state: {not_one_of: [closed]}, total: {present: true}}")) {
                yaml.append("  - {when: claims:pay, answered: claims:quote, same: [claim], where: " + where
                        + ", within: 1h}\n");
            }
            return policy(yaml.toString());
        }
        for (String operation : OPERATIONS) {
            yaml.append("  - {bounded: claims:%s, at-most: 50, within: 5m, same: [claim]}\n".formatted(operation))
                    .append("  - {bounded: claims:%s, at-most: 200, within: 10m}\n".formatted(operation))
                    .append("  - {distinct: claims:%s, of: resource, at-most: 20, within: 10m}\n".formatted(operation));
        }
        yaml.append("  - {precedence: claims:approve, before: claims:pay, within: 10m, same: [claim]}\n")
                .append("  - {precedence: claims:quote, before: claims:pay, within: 10m, same: [claim]}\n")
                .append("  - {absence: claims:mail, after: claims:read, when: failed, within: 10m}\n")
                .append("  - {absence: claims:pay, after: claims:quote, when: failed, within: 10m, same: [claim]}\n")
                .append("  - {absence: claims:read, after: claims:mail, when: failed, within: 10m}\n");
        return policy(yaml.toString());
    }

    private static SequencePolicy policy(String yaml) {
        Faults faults = new Faults();
        YamlMap map = (YamlMap) Objects.requireNonNull(Yaml.parse("rules.yaml", yaml, faults));
        return Objects.requireNonNull(SequenceParser.policy(map, Duration.ofMinutes(1), faults), faults.toString());
    }
}
