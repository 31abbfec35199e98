package dev.errand.gateway.issuer.metadata;

import dev.errand.denial.DenyReason;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The page behind the {@code type} of each problem (RFC 9457 section 3.1.1): what it means and what to do. */
public final class ProblemPages {
    private final Map<String, DenyReason> reasons =
            Arrays.stream(DenyReason.values()).collect(Collectors.toMap(DenyReason::code, Function.identity()));

    /** The page of a code, HTML; empty for an unknown one. */
    public Optional<String> page(String code) {
        DenyReason reason = reasons.get(code);
        return reason == null
                ? Optional.empty()
                : Optional.of("""
                        <!doctype html>
                        <html lang="en">
                        <head><meta charset="utf-8"><title>%1$s</title></head>
                        <body>
                        <h1><code>%1$s</code></h1>
                        <p><strong>%2$s.</strong> The status is %3$d.</p>
                        <p>%4$s</p>
                        </body>
                        </html>
                        """.formatted(reason.code(), reason.title(), reason.status(), advice(reason)));
    }

    private static String advice(DenyReason reason) {
        return switch (reason) {
            case AUTHENTICATION_REQUIRED -> "Send a delegation token in Authorization and a DPoP proof by its key.";
            case INVALID_TOKEN ->
                "The token or one of its ancestors does not verify, is expired, or is wider than its"
                        + " parent. Derive or obtain another.";
            case CHAIN_INCOMPLETE -> "Send the Delegation-Chain header with all ancestors, root first, once more.";
            case TASK_ENDED ->
                "The task was completed, interrupted or expired, or the token was revoked. A human has to"
                        + " authorise a new task.";
            case IDENTITY_MISMATCH ->
                "The Workload-SVID must verify, be for this route alone, and name the same workload"
                        + " as the token's act.sub.";
            case INVALID_PROOF ->
                "Make a fresh proof for each request, by the key that the token is bound to, for the"
                        + " method and the address as the issuer names it.";
            case MALFORMED_REQUEST ->
                "The request could be read in more than one way, or has a header twice. Send it in"
                        + " its canonical form.";
            case UNKNOWN_OPERATION -> "No operation of the route's catalogue has this method and path.";
            case AMBIGUOUS_OPERATION -> "Several operations of the route's catalogue match equally well.";
            case NOT_GRANTED -> "The token grants no such operation. Ask for a task whose template does.";
            case CONSTRAINT_VIOLATED -> "The token grants the operation for other resources or arguments.";
            case SEQUENCE_VIOLATION ->
                "The task's plan does not allow this operation now. With the step 'pending', wait"
                        + " for the answers of the calls in flight and try again.";
            case RULE_VIOLATION -> "A rule of the task forbids this operation after what the task did before.";
            case FLOW_DENIED -> "The task has read content from outside; this operation needs one that has not.";
            case BUDGET_EXHAUSTED -> "The calls or children that the token may have are used up.";
            case RATE_EXCEEDED -> "Wait as long as Retry-After says.";
            case UPSTREAM_UNAVAILABLE ->
                "The API behind the gateway did not answer, or its answer broke off. With Errand-Sent: no"
                        + " it got nothing; with Errand-Sent: maybe it may have acted: look before you repeat.";
            case DECISION_UNAVAILABLE ->
                "The gateway cannot reach its state or its log, and so refuses. Try again after Retry-After."
                        + " Without it the upstream may have acted: look before you repeat.";
        };
    }
}
