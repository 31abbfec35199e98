package dev.errand.state.histories;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.jose.ProofClaim;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.sequence.SequenceParser;
import dev.errand.sequence.SequencePolicy;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The steps of writes whose outcome may never be known, which a replica makes. A task's name begins with that of its policy. */
final class OutcomeSteps {
    /** Names of tasks in which a read needs a write that happened, and a write needs that all before it failed. */
    static final String RULES = "o-";

    /** Names of tasks in which a write counts once it was handed over, and one read may follow. */
    static final String PLAN = "s-";

    /** Names of tasks in which each write that happened lets one read pass, and people are asked about others. */
    static final String ONCE = "u-";

    /** After this time a write without an outcome is one of which nobody knows. */
    static final Duration RESPONSE_TIMEOUT = Duration.ofMillis(1_500);

    private static final TaskPolicy BY_RULES = policy(
            "rules: [{precedence: x:w, before: x:r, same: [k]}, {absence: x:w, after: x:w, when: happened, same: [k]}]");

    private static final TaskPolicy BY_PLAN = policy("sequence: [x:w: {outcome: sent}, x:r]");

    private static final TaskPolicy BY_PEOPLE = ApprovalSteps.asking(
            policy("{}"), rules("rules: [{precedence: x:w, before: x:r, once: true, same: [k]}]"), Set.of());

    private OutcomeSteps() {}

    private static TaskPolicy policy(String yaml) {
        return Tasks.reactions(Tasks.policy(rules(yaml)), TaskPolicy.Reactions.NEVER_INTERRUPT);
    }

    private static SequencePolicy rules(String yaml) {
        Faults faults = new Faults();
        YamlMap map = (YamlMap) Objects.requireNonNull(Yaml.parse("t.yaml", yaml, faults));
        return Objects.requireNonNull(SequenceParser.policy(map, RESPONSE_TIMEOUT, faults), faults.toString());
    }

    /** The policy of a task of this name; null if it is not one of these. */
    static @Nullable TaskPolicy policyOf(String task) {
        if (task.startsWith(ONCE)) {
            return BY_PEOPLE;
        }
        return task.startsWith(RULES) ? BY_RULES : task.startsWith(PLAN) ? BY_PLAN : null;
    }

    /**
     * {@code write key proof}, {@code read key proof}, {@code settle proof true|false}, {@code unanswered proof}, {@code handed
     * proof}, {@code know proof true|false}; null for any other step.
     */
    static @Nullable TaskStep step(String[] words, int keepMillis) {
        return switch (words[2]) {
            case "write" -> call("x:w", Effect.WRITE, words, keepMillis);
            case "read" -> call("x:r", Effect.READ, words, keepMillis);
            case "settle" -> new TaskStep.Settle("d" + words[3], Boolean.parseBoolean(words[4]));
            case "unanswered" -> new TaskStep.Unanswered("d" + words[3], true);
            case "handed" -> new TaskStep.Sent("d" + words[3]);
            case "know" -> new TaskStep.Know("d" + words[3], Boolean.parseBoolean(words[4]));
            default -> null;
        };
    }

    private static TaskStep call(String operation, Effect effect, String[] words, int keepMillis) {
        OperationCall pair = new OperationCall(
                new Operation(operation, effect, false, false),
                words[3],
                new JsonObject(Map.of("k", new JsonString(words[3]))),
                false);
        TaskStep.Call call = new TaskStep.Call(
                "d" + words[4],
                List.of(ReplicaProgram.ROOT),
                new ProofClaim(words[4], keepMillis, false),
                List.of(pair),
                true,
                0);
        return words[1].startsWith(ONCE) ? call.asking(ApprovalSteps.asking(pair, words)) : call;
    }

    /** {@code denied unknown decision,decision}, {@code told VERDICT}; null for any other outcome. */
    static @Nullable String spelled(TaskOutcome outcome) {
        if (outcome instanceof TaskOutcome.Denied denied
                && denied.asked() == null
                && denied.denial() != null
                && !denied.denial().unknown().isEmpty()) {
            return "denied unknown " + String.join(",", denied.denial().unknown());
        }
        return outcome instanceof TaskOutcome.Settlement told ? "told " + told.verdict() : null;
    }
}
