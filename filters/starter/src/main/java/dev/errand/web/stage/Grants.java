package dev.errand.web.stage;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.json.Folding;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.GrantDecision;
import dev.errand.operation.OperationCall;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.jsonrpc.Granted;
import dev.errand.operation.jsonrpc.ListAnswer;
import dev.errand.token.Capability;
import dev.errand.token.PopVerifier;
import dev.errand.web.Call;
import dev.errand.web.Caller;
import dev.errand.web.refusal.Refusal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the proof, the leaf token and the operator's template say of the operations of a call (AAT-02 steps 6b, 7e, 7f).
 */
final class Grants {
    private Grants() {}

    /**
     * Why the call is refused, or null.
     *
     * @param mcp whether the upstream is an MCP server; some of these fold the names of arguments
     */
    static @Nullable Refusal refuse(Call.Named call, boolean mcp) {
        Denial denial = demand(call);
        if (denial == null && mcp) {
            denial = lookalike(call);
        }
        return denial == null ? grant(call) : Refusal.of(denial);
    }

    /** Filters an answer that lists operations to those that are granted; null where the answer lists none. */
    static @Nullable ListAnswer listed(OperationCatalogue catalogue, Call.Named call) {
        Capability leaf = call.caller().chain().leaf().capability();
        Folding folding = catalogue.folding();
        Capability cap = call.caller().templateGrant();
        Granted granted = new Granted() {
            @Override
            public boolean permits(String operation, @Nullable JsonObject arguments) {
                return arguments == null
                        ? names(leaf, cap, operation)
                        : GrantDecision.check(leaf, cap, operation, folding.ofArguments(arguments), folding)
                                instanceof Capability.Check.Granted;
            }

            @Override
            public boolean permitsAny(String beginning) {
                return leaf.tools().keySet().stream()
                        .anyMatch(operation -> operation.startsWith(beginning) && names(leaf, cap, operation));
            }
        };
        return ListAnswer.of(catalogue, call.operations(), granted).orElse(null);
    }

    private static boolean names(Capability leaf, @Nullable Capability cap, String operation) {
        return leaf.tools().containsKey(operation)
                && (cap == null || cap.tools().containsKey(operation));
    }

    /** The operation and arguments that a proof names must be those of the call (AAT-02 steps 7e, 7f). */
    private static @Nullable Denial demand(Call.Named call) {
        Caller.ToolDemand demand = call.caller().toolDemand();
        if (demand == null) {
            return null;
        }
        if (demand.aatPop() && call.operations().size() > 1) {
            return new Denial(DenyReason.INVALID_PROOF, "7e", "the request is several operations: prove it with DPoP");
        }
        OperationCall first = call.operations().get(0);
        if (demand.tool() != null
                && (call.operations().size() > 1
                        || !demand.tool().equals(first.operation().id()))) {
            return new Denial(
                    DenyReason.INVALID_PROOF,
                    "7e",
                    "the proof is for another operation; this is "
                            + first.operation().id());
        }
        if (demand.arguments() != null
                && (call.operations().size() > 1 || !PopVerifier.isSame(demand.arguments(), first.arguments()))) {
            return new Denial(DenyReason.INVALID_PROOF, "7f", "the proof is for other arguments than the request has");
        }
        return null;
    }

    /** The denial of the first argument that a server which folds names would take for another one. */
    private static @Nullable Denial lookalike(Call.Named call) {
        for (OperationCall pair : call.operations()) {
            Denial denial = call.caller().refuseLookalike(pair.operation(), pair.arguments());
            if (denial != null) {
                return denial;
            }
        }
        return null;
    }

    private static @Nullable Refusal grant(Call.Named call) {
        GrantDecision decision = GrantDecision.of(
                call.caller().chain().leaf().capability(), call.caller().templateGrant(), call.operations());
        Denial denial = decision.denial("the token");
        if (denial == null) {
            return null;
        }
        GrantDecision.Violation violation = decision.violation();
        return violation == null || !decision.lacking().isEmpty()
                ? new Refusal(denial, List.copyOf(decision.lacking()), null)
                : violated(denial, violation, List.copyOf(decision.violated()));
    }

    /** Only the holder is told the value and the grant, unless the catalogue lets the value into the record. */
    private static Refusal violated(Denial plain, GrantDecision.Violation violation, List<String> all) {
        OperationCall pair = violation.call();
        String full = plain.detail() + ": " + ViolatedValue.said(pair, violation.argument(), violation.grant());
        boolean recorded = pair.operation().recordedArguments().contains(violation.argument());
        Denial why = recorded ? new Denial(plain.reason(), plain.step(), full) : plain;
        return new Refusal(why, all, null).showing(full);
    }
}
