package dev.errand.upstream;

import dev.errand.delegation.Instruction;
import dev.errand.delegation.RootFacts;
import dev.errand.identity.Holders;
import dev.errand.operation.OperationCall;
import dev.errand.task.approval.ApprovedUse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the transaction token of one permitted call says.
 *
 * @param decision the decision id ({@code txn})
 * @param task the task's id as answers and records show it
 * @param root what the root says: human, actor
 * @param chain the holders, root first
 * @param chainHash {@code sha-256:} of the leaf's signing input, which covers all above it
 * @param calls the pairs
 * @param argsHash {@code sha-256:} of the JCS form of the arguments
 * @param route the route's id
 * @param method the method that will be sent
 * @param instruction the leaf's instruction
 * @param approval what the call passes by, or null
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
        @Nullable ApprovedUse approval) {
    public TxnClaims {
        calls = List.copyOf(calls);
    }

    /** The claim of a call that passes without an approval: none. */
    public TxnClaims(
            String decision,
            String task,
            RootFacts root,
            Holders chain,
            String chainHash,
            List<OperationCall> calls,
            String argsHash,
            String route,
            String method,
            @Nullable Instruction instruction) {
        this(decision, task, root, chain, chainHash, calls, argsHash, route, method, instruction, null);
    }
}
