package dev.errand.web.refusal;

import dev.errand.denial.Denial;
import dev.errand.denial.Next;
import dev.errand.json.Printable;
import dev.errand.operation.RefusalStyle;
import org.jspecify.annotations.Nullable;

/**
 * What a refusal tells its caller, whatever its form.
 *
 * @param style the form that the route's clients read
 * @param issuer {@code errand.issuer}, below which each code has its page
 * @param status the HTTP status that the code has
 * @param decision the id of the decision; null where nothing was decided, as at an endpoint of the gateway's own
 * @param task the task's id where the holder is verified, else null: step, task and interruption are then not told
 * @param open whether the detail is told to a caller who is not verified, too
 * @param interrupted whether this denial ended the task or the token
 * @param next what the agent should do
 * @param retryAfterSeconds what {@code Retry-After} says, or null
 * @param request the body of the request, where it was read to decide; never changed
 * @param approval the request for a human's approval that stands, or null
 */
public record RefusalContent(
        RefusalStyle style,
        String issuer,
        Denial denial,
        int status,
        @Nullable String decision,
        @Nullable String task,
        boolean open,
        boolean interrupted,
        Next next,
        @Nullable String retryAfterSeconds,
        byte @Nullable [] request,
        @Nullable Waiting approval) {

    /**
     * A request for a human's approval.
     *
     * @param uri where people decide on it
     * @param expiresInSeconds how long it still stands
     * @param elicits whether the client of MCP opens such pages for its user
     */
    public record Waiting(String id, String uri, long expiresInSeconds, String digest, boolean elicits) {}

    /** Why the call is refused, as far as this caller may know. */
    String detail() {
        return task != null || open ? denial.detail() : denial.reason().title();
    }

    /** The same, with a detail that ends with what the agent should do, for a form that a model reads. */
    RefusalContent instructing() {
        String detail = detail();
        String text = detail + (detail.endsWith(".") ? " " : ". ") + next.instruction(denial.reason());
        return new RefusalContent(
                style,
                issuer,
                denial.saying(text),
                status,
                decision,
                task,
                true,
                interrupted,
                next,
                retryAfterSeconds,
                request,
                approval);
    }

    /** The line that every form except the problem has: {@code errand: <code>: <detail> (decision <id>)}. */
    String message() {
        return Printable.line("errand: " + denial.reason().code() + ": " + detail() + " (decision " + decision + ")");
    }
}
