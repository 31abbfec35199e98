package dev.errand.denial;

import java.util.Locale;

/** The closed list of codes with which a call is refused, each with the HTTP status of its answer. */
public enum DenyReason {
    AUTHENTICATION_REQUIRED(401, "Authentication required"),
    INVALID_TOKEN(401, "The delegation token is not valid"),
    CHAIN_INCOMPLETE(401, "The ancestors of the token are not known here"),
    TASK_ENDED(401, "The task, or the token's part of it, has ended"),
    IDENTITY_MISMATCH(401, "The workload identity does not belong to the token"),
    INVALID_PROOF(401, "The proof of possession is not valid"),
    MALFORMED_REQUEST(400, "The request is malformed"),
    UNKNOWN_OPERATION(403, "The request names no known operation"),
    AMBIGUOUS_OPERATION(403, "The request names more than one operation"),
    NOT_GRANTED(403, "The task does not grant this operation"),
    CONSTRAINT_VIOLATED(403, "The task grants this operation only with other arguments"),
    SEQUENCE_VIOLATION(403, "The operation does not follow the task's plan"),
    RULE_VIOLATION(403, "The operation breaks a rule of the task"),
    FLOW_DENIED(403, "The operation needs a task that no untrusted content has touched"),
    APPROVAL_REQUIRED(403, "A human has to approve this call"),
    APPROVAL_REFUSED(403, "A human has refused this call"),
    BUDGET_EXHAUSTED(403, "A budget of the task is used up"),
    RATE_EXCEEDED(429, "The task calls too often"),
    UPSTREAM_UNAVAILABLE(502, "The upstream could not be reached"),
    DECISION_UNAVAILABLE(503, "The gateway cannot decide at the moment");

    private final int status;
    private final String title;
    private final String code;

    DenyReason(int status, String title) {
        this.status = status;
        this.title = title;
        this.code = name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The HTTP status of the answer; {@link #UPSTREAM_UNAVAILABLE} may also be 504. */
    public int status() {
        return status;
    }

    /** One short sentence that does not depend on the call. */
    public String title() {
        return title;
    }

    /** The name on the wire and in the record, such as {@code not-granted}. */
    public String code() {
        return code;
    }
}
