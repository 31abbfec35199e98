package dev.errand.offline.story;

import dev.errand.denial.DenyReason;
import java.util.List;

/** The checks of a call, in the order of the contract (section 4). The first check that objects decides the answer. */
enum Check {
    REQUEST("request", List.of(DenyReason.AUTHENTICATION_REQUIRED)),
    CHAIN("delegation chain", List.of(DenyReason.INVALID_TOKEN, DenyReason.CHAIN_INCOMPLETE)),
    PROOF("proof of possession", List.of(DenyReason.INVALID_PROOF)),
    IDENTITY("workload identity", List.of(DenyReason.IDENTITY_MISMATCH)),
    OPERATION(
            "operation",
            List.of(DenyReason.MALFORMED_REQUEST, DenyReason.UNKNOWN_OPERATION, DenyReason.AMBIGUOUS_OPERATION)),
    GRANT("grant", List.of(DenyReason.NOT_GRANTED)),
    ARGUMENTS("arguments", List.of(DenyReason.CONSTRAINT_VIOLATED)),
    TASK("task", List.of(DenyReason.TASK_ENDED, DenyReason.DECISION_UNAVAILABLE)),
    BUDGETS("budgets", List.of(DenyReason.BUDGET_EXHAUSTED)),
    RATES("rates", List.of(DenyReason.RATE_EXCEEDED)),
    PLAN("plan", List.of(DenyReason.SEQUENCE_VIOLATION)),
    RULES("rules", List.of(DenyReason.RULE_VIOLATION)),
    FLOW("flow", List.of(DenyReason.FLOW_DENIED)),
    APPROVAL("approval", List.of(DenyReason.APPROVAL_REQUIRED, DenyReason.APPROVAL_REFUSED)),
    UPSTREAM("upstream", List.of(DenyReason.UPSTREAM_UNAVAILABLE));

    private final String text;
    private final List<DenyReason> refusals;

    Check(String text, List<DenyReason> refusals) {
        this.text = text;
        this.refusals = refusals;
    }

    String text() {
        return text;
    }

    /** The check that refuses with this code. A malformed request without a verified caller failed before its chain was read. */
    static Check of(String code, boolean verified) {
        for (Check check : values()) {
            if (check.refusals.stream().anyMatch(reason -> reason.code().equals(code))) {
                return check == OPERATION && code.equals(DenyReason.MALFORMED_REQUEST.code()) && !verified
                        ? REQUEST
                        : check;
            }
        }
        return TASK;
    }
}
