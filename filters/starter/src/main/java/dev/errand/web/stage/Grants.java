package dev.errand.web.stage;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.json.Folding;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.OperationCall;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.jsonrpc.Granted;
import dev.errand.operation.jsonrpc.ListAnswer;
import dev.errand.token.Capability;
import dev.errand.token.PopVerifier;
import dev.errand.token.ToolGrant;
import dev.errand.web.Call;
import dev.errand.web.Caller;
import dev.errand.web.refusal.Refusal;
import java.util.ArrayList;
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
                        : isGranted(check(call.caller(), operation, folding.ofArguments(arguments), folding));
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

    /**
     * The leaf's objection, else the template's. The tokens above need not be asked: the leaf grants no more than its parent,
     * also with the names of arguments folded.
     */
    private static Capability.Check check(Caller caller, String operation, JsonObject arguments, Folding folding) {
        Capability.Check check = caller.chain().leaf().capability().check(operation, arguments, folding);
        Capability cap = caller.templateGrant();
        return cap == null || !isGranted(check) ? check : cap.check(operation, arguments, folding);
    }

    private static boolean isGranted(Capability.Check check) {
        return check instanceof Capability.Check.Granted;
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

    /** The operations of the call, and those that must be granted with them. */
    private static List<OperationCall> needed(List<OperationCall> calls) {
        List<OperationCall> all = calls;
        for (OperationCall pair : calls) {
            if (!pair.also().isEmpty()) {
                all = all == calls ? new ArrayList<>(calls) : all;
                all.addAll(pair.also());
            }
        }
        return all;
    }

    /** The part of a message that says for which operation this one is needed; empty if the call itself is this operation. */
    private static String needing(String id, Call.Named call) {
        for (OperationCall pair : call.operations()) {
            if (pair.operation().id().equals(id)) {
                return "";
            }
        }
        return ", which " + call.operations().get(0).operation().id() + " needs here too";
    }

    private static @Nullable Refusal grant(Call.Named call) {
        List<String> lacking = new ArrayList<>();
        List<String> violated = new ArrayList<>();
        OperationCall first = null;
        String argument = "";
        for (OperationCall pair : needed(call.operations())) {
            String id = pair.operation().id();
            Capability.Check check = check(call.caller(), id, pair.judged(), pair.folding());
            if (check instanceof Capability.Check.NoSuchTool && !lacking.contains(id)) {
                lacking.add(id);
            } else if (check instanceof Capability.Check.Violated broken && !violated.contains(id)) {
                violated.add(id);
                argument = first == null ? broken.argument() : argument;
                first = first == null ? pair : first;
            }
        }
        if (!lacking.isEmpty()) {
            Denial why = new Denial(
                    DenyReason.NOT_GRANTED,
                    "6b",
                    "the token does not grant " + String.join(" ", lacking) + needing(lacking.get(0), call));
            return new Refusal(why, List.copyOf(lacking), null);
        }
        return first == null ? null : violated(call, first, argument, List.copyOf(violated));
    }

    /** Only the holder is told the value and the grant, unless the catalogue lets the value into the record. */
    private static Refusal violated(Call.Named call, OperationCall pair, String argument, List<String> all) {
        String id = pair.operation().id();
        String plain = "the token grants " + id + " only with another value of '" + argument + "'" + needing(id, call);
        String full = plain + ": " + ViolatedValue.said(pair, argument, granting(call.caller(), pair));
        boolean recorded = pair.operation().recordedArguments().contains(argument);
        Denial why = new Denial(DenyReason.CONSTRAINT_VIOLATED, "6b", recorded ? full : plain);
        return new Refusal(why, all, null).showing(full);
    }

    /** The grant that objects: the leaf's, else the template's. */
    private static @Nullable ToolGrant granting(Caller caller, OperationCall pair) {
        String id = pair.operation().id();
        Capability leaf = caller.chain().leaf().capability();
        Capability cap = caller.templateGrant();
        return cap == null || !isGranted(leaf.check(id, pair.judged(), pair.folding()))
                ? leaf.tools().get(id)
                : cap.tools().get(id);
    }
}
