package dev.errand.web;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.fleet.TaskActivities;
import dev.errand.jose.ProofClaim;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.policy.Candidacy;
import dev.errand.policy.GoverningPolicies.Cap;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TokenAccount;
import dev.errand.token.Capability;
import dev.errand.token.Holders;
import dev.errand.token.Instruction;
import dev.errand.token.VerifiedChain;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The verified caller of a call.
 *
 * @param chain the verified chain
 * @param holders its holders as the record names them, the leaf attested if an SVID proved it
 * @param proof the proof's single use
 * @param taskKey the key of the task's state
 * @param taskLabel the task's id as answers and records show it
 * @param accounts what every call is charged to
 * @param policy the template revision that the task runs under
 * @param cap what the operator's template leaves of a root of another anchor, or null
 * @param toolDemand what the proof itself says of the call, or null
 * @param registerUntilMillis when a task of another anchor ends that this call may begin; 0 for other tasks
 * @param candidacy the candidate that judges the task's calls too, or null
 */
public record Caller(
        VerifiedChain chain,
        Holders holders,
        ProofClaim proof,
        TaskKey taskKey,
        String taskLabel,
        List<TokenAccount> accounts,
        TaskPolicy policy,
        @Nullable Cap cap,
        @Nullable ToolDemand toolDemand,
        long registerUntilMillis,
        @Nullable Candidacy candidacy) {
    /** The same caller, its calls judged by a candidate too. */
    public Caller beside(Candidacy candidate) {
        return new Caller(
                chain,
                holders,
                proof,
                taskKey,
                taskLabel,
                accounts,
                candidate.policy(),
                cap,
                toolDemand,
                registerUntilMillis,
                candidate);
    }

    /** The same caller, its leaf's workload identity proven by an SVID. */
    public Caller withAttestedLeaf() {
        return new Caller(
                chain,
                holders.withAttestedLeaf(),
                proof,
                taskKey,
                taskLabel,
                accounts,
                policy,
                cap,
                toolDemand,
                registerUntilMillis,
                candidacy);
    }

    /**
     * Notes the outcome of a call for the fleet.
     *
     * @param reason why it was denied; null for a permit
     * @param waiting whether the call met a request for approval that was open already
     */
    public void note(
            TaskActivities activities, List<OperationCall> calls, @Nullable DenyReason reason, boolean waiting) {
        activities.decided(
                taskKey,
                chain,
                accounts,
                policy,
                cap == null ? 0 : cap.untilMillis(),
                calls.isEmpty() ? null : calls.get(0).operation().id(),
                reason == null ? null : reason.code(),
                waiting);
    }

    /** What the operator's template grants of a root of another anchor, or null. */
    public @Nullable Capability templateGrant() {
        return cap == null ? null : cap.capability();
    }

    /**
     * Refuses an argument whose name differs only in case or form from one that catalogue, grant, template, rules or {@code ask} look
     * at: a server that folds names would take it for that one. Null where there is no such argument.
     *
     * @param arguments as they were sent
     */
    public @Nullable Denial refuseLookalike(Operation operation, JsonObject arguments) {
        String id = operation.id();
        Capability template = templateGrant();
        String name = chain.leaf().capability().lookalike(id, arguments);
        if (name == null && template != null) {
            name = template.lookalike(id, arguments);
        }
        if (name == null) {
            name = policy.sequence().lookalike(id, arguments);
        }
        if (name == null && policy.ask() != null) {
            name = policy.ask().always().lookalike(operation, arguments);
        }
        if (name == null) {
            name = operation.lookalike(arguments);
        }
        return name == null
                ? null
                : new Denial(
                        DenyReason.MALFORMED_REQUEST,
                        "operation",
                        "an argument differs from '" + name + "' only in letter case or Unicode form: leave it out");
    }

    /** What instructed the call. It counts as untrusted once untrusted content has reached the task. */
    public @Nullable Instruction instruction(TaskOutcome.@Nullable Progress progress) {
        Instruction instruction = chain.instruction();
        return instruction == null || progress == null || !progress.untrusted()
                ? instruction
                : new Instruction(
                        instruction.source(), instruction.ref(), instruction.digest(), Instruction.Integrity.UNTRUSTED);
    }

    /** Whether what instructed the chain may be trusted; a task that names nothing is not. */
    public boolean isTrusted() {
        Instruction instruction = chain.instruction();
        return instruction != null && instruction.integrity() == Instruction.Integrity.TRUSTED;
    }

    /**
     * A proof that names its tool and arguments (AAT-02 steps 7e, 7f).
     *
     * @param tool the tool, or null
     * @param arguments the arguments, or null
     * @param aatPop whether it is an AAT-PoP, which must name both
     */
    public record ToolDemand(
            @Nullable String tool, @Nullable JsonObject arguments, boolean aatPop) {}
}
