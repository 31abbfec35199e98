package dev.errand.denial;

import java.util.Locale;

/** The closed list of codes with which a call is refused, each with the HTTP status of its answer. */
public enum DenyReason {
    AUTHENTICATION_REQUIRED(
            401,
            "Authentication required",
            "Send your token as Authorization: DPoP <token>, with a fresh proof by the token's key. Do not repeat the call without them."),
    INVALID_TOKEN(
            401,
            "The delegation token is not valid",
            "Stop using this token: no call under it passes. You need a new token, from its parent or from a new task."),
    CHAIN_INCOMPLETE(
            401,
            "The ancestors of the token are not known here",
            "Send the same call again with the Delegation-Chain header: all ancestors of your token, root first."),
    TASK_ENDED(
            401,
            "The task, or the token's part of it, has ended",
            "Stop: your task is over, and no further call passes. Tell your user that a human has to authorise a new task."),
    IDENTITY_MISMATCH(
            401,
            "The workload identity does not belong to the token",
            "Stop: your workload identity does not belong to this token. Tell your user, and try no other identity."),
    INVALID_PROOF(
            401,
            "The proof of possession is not valid",
            "Sign a new proof for this method and this URL, and send the call again with it."),
    MALFORMED_REQUEST(
            400, "The request is malformed", "Change the request as the detail says. Do not repeat it unchanged."),
    UNKNOWN_OPERATION(
            403,
            "The request names no known operation",
            "Do not repeat this call: the gateway does not know it. Use an operation that your task grants."),
    AMBIGUOUS_OPERATION(
            403,
            "The request names more than one operation",
            "Do not repeat this call: it can be read in two ways, and stays refused. Use another operation, or tell your user."),
    NOT_GRANTED(
            403,
            "The task does not grant this operation",
            "Do not repeat this call: refusals are counted, and several of them may end your task. Use what your task grants, or tell your user what you lack."),
    CONSTRAINT_VIOLATED(
            403,
            "The task grants this operation only with other arguments",
            "Do not repeat this call with these values. Use values that your task grants, or tell your user what you lack."),
    SEQUENCE_VIOLATION(
            403,
            "The operation does not follow the task's plan",
            "Do not repeat this call now. Follow your plan: make one of the calls that it allows next."),
    RULE_VIOLATION(
            403,
            "The operation breaks a rule of the task",
            "Do not repeat this call: after what you did before, it stays forbidden. Go on without it, or tell your user."),
    FLOW_DENIED(
            403,
            "The operation needs a task that no untrusted content has touched",
            "Do not repeat this call: your task has read content from outside, or follows an untrusted instruction. Leave this step to a human."),
    APPROVAL_REQUIRED(
            403,
            "A human has to approve this call",
            "Wait until a human has decided, and then make exactly the same call again. Do not change it, and do not look for a way around."),
    APPROVAL_REFUSED(
            403,
            "A human has refused this call",
            "Stop: a human has refused this call. Do not repeat it, and do not reach the same end in another way."),
    BUDGET_EXHAUSTED(
            403,
            "A budget of the task is used up",
            "Stop: your budget is used up, and waiting does not help. Tell your user what is left to do."),
    RATE_EXCEEDED(
            429, "The task calls too often", "Wait as long as Retry-After says, and then send the same call again."),
    UPSTREAM_UNAVAILABLE(
            502,
            "The upstream could not be reached",
            "The call did not happen. Wait a moment, and then send the same call again."),
    DECISION_UNAVAILABLE(
            503,
            "The gateway cannot decide at the moment",
            "The call did not happen. Wait a moment, and then send the same call again.");

    private final int status;
    private final String title;
    private final String instruction;
    private final String code;

    DenyReason(int status, String title, String instruction) {
        this.status = status;
        this.title = title;
        this.instruction = instruction;
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

    /**
     * What the agent should do, in one or two sentences that speak to it, as a model reads them. They do not depend on the call,
     * and hold where {@link Next} is the usual one of the code.
     */
    public String instruction() {
        return instruction;
    }

    /** The name on the wire and in the record, such as {@code not-granted}. */
    public String code() {
        return code;
    }
}
