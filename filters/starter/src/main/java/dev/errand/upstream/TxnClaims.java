package dev.errand.upstream;

import dev.errand.operation.OperationCall;
import dev.errand.task.ApprovedUse;
import dev.errand.token.Holders;
import dev.errand.token.Instruction;
import dev.errand.token.RootFacts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The content of the transaction token for one permitted call.
 *
 * @param decision the decision id ({@code txn})
 * @param task the task's id as answers and records show it
 * @param root the facts of the root: human and actor
 * @param chain the holders, root first
 * @param chainHash {@code sha-256:} of the leaf's signing input, which covers all tokens above it
 * @param calls the pairs of operation and resource
 * @param argsHash {@code sha-256:} of the JCS form of the arguments
 * @param route the route's id
 * @param method the method that will be sent
 * @param instruction the leaf's instruction
 * @param approval the approval that the call uses, or null
 * @param plan the task's plan and where it stood; null without a plan
 */
public record TxnClaims(
        String decision,
        String task,
        RootFacts root,
        Holders chain,
        String chainHash,
        List<OperationCall> calls,
        String argsHash,
        String route,
        String method,
        @Nullable Instruction instruction,
        @Nullable ApprovedUse approval,
        @Nullable PlanPosition plan) {
    /**
     * Where a plan stands.
     *
     * @param digest the digest of the compiled plan, as the root has it
     * @param at the state in which the call was permitted, as records have it
     * @param of the number of the plan's states
     */
    public record PlanPosition(String digest, String at, int of) {}

    public TxnClaims {
        calls = List.copyOf(calls);
    }
}
