package dev.errand.operation;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.json.Folding;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Capability;
import dev.errand.token.Capability.Check;
import dev.errand.token.ToolGrant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether grants permit the operations of a call (AAT-02 step 6b), and the sentence that says why not. A call, a
 * candidate, the view of a task, a replay and a scenario are judged here. Pure and immutable.
 *
 * @param lacking the operations that are not granted, each once
 * @param violated the operations with an argument that is not granted, each once
 * @param violation the first of these; null if there is none
 * @param needing the end of the sentence if it names an operation that the call needs besides its own; else empty
 */
public record GrantDecision(
        List<String> lacking,
        List<String> violated,
        @Nullable Violation violation,
        String needing) {
    private static final GrantDecision PERMITTED = new GrantDecision(List.of(), List.of(), null, "");

    /**
     * An argument that is not granted.
     *
     * @param call the operation that has it
     * @param argument its name
     * @param grant what is granted for the operation
     */
    public record Violation(
            OperationCall call, String argument, @Nullable ToolGrant grant) {}

    /**
     * Judges the operations of a call, and those that must be granted with them.
     *
     * @param grant what is granted
     * @param bound what may be granted at most; null if there is no bound
     */
    public static GrantDecision of(Capability grant, @Nullable Capability bound, List<OperationCall> calls) {
        return of(grant, bound, calls, false);
    }

    /** Judges an operation that may lack arguments. An absent argument violates nothing. */
    public static GrantDecision ofGiven(Capability grant, OperationCall call) {
        return of(grant, null, List.of(call), true);
    }

    /** What the grant says of an operation; what the bound says, if the grant has no objection. */
    public static Check check(
            Capability grant, @Nullable Capability bound, String operation, JsonObject judged, Folding folding) {
        Check check = grant.check(operation, judged, folding);
        return bound == null || !(check instanceof Check.Granted) ? check : bound.check(operation, judged, folding);
    }

    private static GrantDecision of(
            Capability grant, @Nullable Capability bound, List<OperationCall> calls, boolean given) {
        Judging judging = new Judging(grant, bound, given);
        calls.forEach(judging::add);
        calls.forEach(call -> call.also().forEach(judging::add));
        if (judging.lacking.isEmpty() && judging.violation == null) {
            return PERMITTED;
        }
        String first = judging.violation == null || !judging.lacking.isEmpty()
                ? judging.lacking.get(0)
                : judging.violation.call().operation().id();
        boolean itself = calls.stream().anyMatch(call -> call.operation().id().equals(first));
        return new GrantDecision(
                judging.lacking,
                judging.violated,
                judging.violation,
                itself ? "" : ", which " + calls.get(0).operation().id() + " needs here too");
    }

    /** The objections so far. */
    private static final class Judging {
        private final Capability grant;
        private final @Nullable Capability bound;
        private final boolean given;
        private final List<String> lacking = new ArrayList<>(0);
        private final List<String> violated = new ArrayList<>(0);
        private @Nullable Violation violation;

        Judging(Capability grant, @Nullable Capability bound, boolean given) {
            this.grant = grant;
            this.bound = bound;
            this.given = given;
        }

        void add(OperationCall call) {
            String id = call.operation().id();
            Capability objecting = grant;
            Check check = grant.check(id, call.judged(), call.folding());
            if (bound != null && isMet(check, call)) {
                objecting = bound;
                check = bound.check(id, call.judged(), call.folding());
            }
            if (isMet(check, call)) {
                return;
            }
            if (check instanceof Check.Violated broken && !violated.contains(id)) {
                violated.add(id);
                if (violation == null) {
                    violation = new Violation(
                            call, broken.argument(), objecting.tools().get(id));
                }
            } else if (check instanceof Check.NoSuchTool && !lacking.contains(id)) {
                lacking.add(id);
            }
        }

        private boolean isMet(Check check, OperationCall call) {
            return check instanceof Check.Granted
                    || (given
                            && check instanceof Check.Violated broken
                            && call.arguments().get(broken.argument()) == null);
        }
    }

    /**
     * Why the call is refused, or null. An operation that is not granted comes before an argument that is not granted.
     *
     * @param granting who grants, such as "the token"
     */
    public @Nullable Denial denial(String granting) {
        if (!lacking.isEmpty()) {
            return new Denial(DenyReason.NOT_GRANTED, "6b", notGranted(granting, lacking) + needing);
        }
        return violation == null
                ? null
                : new Denial(
                        DenyReason.CONSTRAINT_VIOLATED,
                        "6b",
                        violated(granting, violation.call().operation().id(), violation.argument()) + needing);
    }

    /** The sentence about operations that are not granted. */
    public static String notGranted(String granting, List<String> operations) {
        return granting + " does not grant " + String.join(" ", operations);
    }

    /** The sentence about an argument that is not granted. */
    public static String violated(String granting, String operation, String argument) {
        return granting + " grants " + operation + " only with another value of '" + argument + "'";
    }
}
