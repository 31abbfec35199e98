package dev.errand.state.histories;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.jose.ProofClaim;
import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.limit.Bandwidth;
import dev.errand.operation.OperationCall;
import dev.errand.sequence.SequenceCompiler;
import dev.errand.sequence.SequenceParser;
import dev.errand.sequence.SequencePolicy;
import dev.errand.state.TaskStore;
import dev.errand.task.AlwaysAsked;
import dev.errand.task.ApprovalQuestion;
import dev.errand.task.ApprovalRequest;
import dev.errand.task.Approvers;
import dev.errand.task.AskPolicy;
import dev.errand.task.AskedMoves;
import dev.errand.task.Fixed;
import dev.errand.task.HumanPolicy;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskPolicy.Reaction;
import dev.errand.task.TaskPolicy.Reactions;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.token.Human;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The steps of approvals that a replica makes: calls of an operation that is always asked about, and what people decide. A call that
 * uses an approval up is sent once a replica of the store has that, and gives the approval back otherwise, as the gateway does.
 */
final class ApprovalSteps {
    /** The operation that is always asked about. */
    static final String ASKED = "c:y";

    /** From the second call on this rule objects, too, and humans are asked about it. */
    private static final SequencePolicy RULE = rule("{rules: [{bounded: '" + ASKED + "', at-most: 1}]}");

    private ApprovalSteps() {}

    private static SequencePolicy rule(String yaml) {
        Faults faults = new Faults();
        YamlMap map = (YamlMap) Objects.requireNonNull(Yaml.parse("t.yaml", yaml, faults));
        return Objects.requireNonNull(
                SequenceParser.policy(map, SequenceCompiler.DEFAULT_RESPONSE_TIMEOUT, faults), faults::toString);
    }

    private static AskPolicy ask(Set<String> always) {
        return new AskPolicy(
                new Approvers(new HumanPolicy(null, List.of(), "i", false), Set.of("c"), Set.of(), null, false, false),
                1,
                Duration.ofMinutes(10).toMillis(),
                AskPolicy.MAX_PENDING,
                new Bandwidth(1_000_000, Duration.ofHours(1), false),
                false,
                new AlwaysAsked(
                        always.stream()
                                .collect(Collectors.toMap(
                                        each -> each, each -> new AlwaysAsked.Asked(true, null, Set.of(), null))),
                        List.of()));
    }

    static TaskPolicy policy(TaskPolicy p) {
        return asking(p, RULE, Set.of(ASKED));
    }

    /**
     * The policy with these rules, whose objections are asked about.
     *
     * @param always operations that are always asked about
     */
    static TaskPolicy asking(TaskPolicy p, SequencePolicy rules, Set<String> always) {
        return new TaskPolicy(
                p.template(),
                p.revision(),
                p.limits(),
                p.operationLimits(),
                p.calls(),
                rules,
                new Reactions(
                        Reaction.INTERRUPT,
                        Reaction.ASK,
                        Reaction.THROTTLE,
                        Reaction.DENY,
                        p.reactions().repeated()),
                p.cut(),
                p.flow(),
                p.observe(),
                ask(always),
                Fixed.NONE,
                null,
                null);
    }

    /** {@code ask body proof}: a call by the root. */
    static TaskStep.Call ask(String[] words, int keepMillis) {
        OperationCall pair = Tasks.pair(ASKED);
        return new TaskStep.Call(
                        "d" + words[4],
                        List.of(ReplicaProgram.ROOT),
                        new ProofClaim(words[4], keepMillis, false),
                        List.of(pair),
                        true,
                        0)
                .asking(asking(pair, words));
    }

    /** What a call asks: {@code … body proof}. */
    static ApprovalQuestion asking(OperationCall pair, String[] words) {
        JsonObject members = new JsonObject(
                Map.of("operation", new JsonString(pair.operation().id()), "body", new JsonString(words[3])));
        JsonMembers told = new JsonMembers();
        told.put("members", members);
        AskedMoves.write(List.of(pair), told);
        return new ApprovalQuestion(
                "a-" + words[4],
                members,
                Tasks.FAR_MILLIS,
                Jcs.canonicalBytes(told.toJson()),
                ApprovalQuestion.Limit.ADMITTED);
    }

    /** {@code decide id digest approve|refuse human}. */
    static TaskStep decide(String[] words) {
        return new TaskStep.Decide(words[3], new Human("i", words[6]), words[5].equals("approve"), words[4]);
    }

    /** What a call that passes by an approval comes to: {@code passed id left} or {@code unsent}; else as it was spelled. */
    static Mono<String> sent(
            TaskStore store, TaskKey key, TaskPolicy policy, TaskOutcome outcome, String decision, String spelled) {
        if (!(outcome instanceof TaskOutcome.Permitted permitted) || permitted.approval() == null) {
            return Mono.just(spelled);
        }
        String id = permitted.approval().id();
        TaskStep back = new TaskStep.GiveBack(decision, List.of(ReplicaProgram.ROOT), 1);
        return store.survives(key)
                .flatMap(kept -> kept
                        ? Mono.just("passed " + id)
                        : store.apply(key, policy, back).thenReturn("unsent").onErrorReturn("unsent"));
    }

    /** {@code asked id digest shown unknown}, the last a number of decisions, {@code decided verdict}; null for any other outcome. */
    static @Nullable String spelled(TaskOutcome outcome) {
        if (outcome instanceof TaskOutcome.Denied denied && denied.asked() != null) {
            ApprovalRequest request = denied.asked().request();
            long counted = request.objected().stream()
                    .mapToLong(each -> each.counted().highest())
                    .max()
                    .orElse(0);
            return "asked " + request.id() + " " + request.digest() + " " + Math.max(0, counted) + " "
                    + denied.denial().unknown().size();
        }
        return outcome instanceof TaskOutcome.Decided decided ? "decided " + decided.verdict() : null;
    }
}
