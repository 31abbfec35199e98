package dev.errand.web.refusal;

import dev.errand.denial.Next;
import dev.errand.operation.RefusalStyle;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * The refusal of a request to one of the gateway's own endpoints. Such a request is no call, so the answer is a problem
 * without a decision, and the challenge of its code without a route's metadata.
 *
 * @param body not to be changed
 */
public record EndpointRefusal(int status, HttpHeaders headers, byte[] body) {
    /** @param task the task's id where the holder is verified, else null: then step and detail are not told */
    public static EndpointRefusal of(String issuer, Refusal refusal, @Nullable String task) {
        Problem form = new Problem();
        HttpHeaders headers = new HttpHeaders();
        Challenge.write(headers, issuer, null, refusal, null);
        headers.setContentType(form.contentType());
        headers.setCacheControl("no-store");
        int status = refusal.why().reason().status();
        Next next = ErrandHeaders.code(headers, refusal, status, false, true);
        RefusalContent told = new RefusalContent(
                RefusalStyle.PROBLEM,
                issuer,
                refusal.why(),
                status,
                null,
                task,
                refusal.open(),
                false,
                next,
                headers.getFirst(HttpHeaders.RETRY_AFTER),
                null,
                null);
        return new EndpointRefusal(status, headers, form.body(told));
    }
}
