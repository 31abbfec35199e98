package dev.errand.task;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.limit.TokenBucket;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.sequence.SequenceCompiler;
import dev.errand.sequence.SequenceParser;
import dev.errand.sequence.SequencePolicy;
import dev.errand.task.TaskPolicy.Cut;
import dev.errand.task.TaskPolicy.Flow;
import dev.errand.task.TaskPolicy.Reactions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Policies for tests of candidates: a plan and rules from the text of a template, and what bounds the calls. */
public final class CandidateTasks {
    private CandidateTasks() {}

    /** A policy that never interrupts. */
    public static TaskPolicy policy(String revision, String yaml, @Nullable Long calls, boolean bucket, Flow flow) {
        return new TaskPolicy(
                "release",
                revision,
                bucket ? TokenBucket.compile(List.of(Tasks.limit(4, Duration.ofSeconds(20)))) : List.of(),
                bucket ? Map.of("c:b", TokenBucket.compile(List.of(Tasks.limit(2, Duration.ofSeconds(10))))) : Map.of(),
                calls,
                sequence(yaml),
                Reactions.NEVER_INTERRUPT,
                Cut.SUBTREE,
                flow,
                false);
    }

    /** A policy with plan and rules alone. */
    public static TaskPolicy policy(String revision, String yaml) {
        return policy(revision, yaml, null, false, Flow.OFF);
    }

    public static SequencePolicy sequence(String yaml) {
        Faults faults = new Faults();
        YamlMap map = (YamlMap)
                Objects.requireNonNull(Yaml.parse("tasks/release.candidate.yaml", yaml, faults), faults.toString());
        return Objects.requireNonNull(
                SequenceParser.policy(map, SequenceCompiler.DEFAULT_RESPONSE_TIMEOUT, faults), faults.toString());
    }

    /** A call of one operation that yields untrusted content, or needs a trusted task. */
    public static TaskStep.Call labelled(String id, boolean yields, boolean needs) {
        OperationCall pair =
                new OperationCall(new Operation(id, Effect.READ, yields, needs), "r", JsonObject.EMPTY, false);
        return new TaskStep.Call(
                Tasks.unique("d"), List.of(Tasks.token("root")), Tasks.proof(), List.of(pair), true, 0);
    }

    /** A policy whose plan and rules are those. */
    public static TaskPolicy judging(String revision, SequencePolicy sequence) {
        return new TaskPolicy(
                "release",
                revision,
                List.of(),
                Map.of(),
                null,
                sequence,
                Reactions.NEVER_INTERRUPT,
                Cut.SUBTREE,
                Flow.OFF,
                false);
    }

    /** What the candidate said of a call. */
    public static CandidateVerdict verdict(TaskOutcome outcome) {
        TaskOutcome.Progress progress = outcome instanceof TaskOutcome.Permitted permitted
                ? permitted.progress()
                : ((TaskOutcome.Denied) outcome).progress();
        return Objects.requireNonNull(progress.candidate(), "no candidate was asked");
    }
}
