package dev.errand.agent.call;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * What the head of a refusal by the gateway says. An upstream's answer is never a refusal: the gateway removes
 * {@code Errand-*} from those.
 *
 * @param next what the gateway says that the agent should do; empty if it does not say
 * @param nonce whether the gateway asks for another proof, with the nonce of this answer
 * @param maybeSent whether a byte of the request may have reached the upstream
 * @param retryAfterSeconds the value of {@code Retry-After}; -1 without one
 * @param approval the value of {@code Errand-Approval}, or null
 */
record Refusal(
        String code,
        String next,
        @Nullable String operation,
        String decision,
        boolean nonce,
        boolean maybeSent,
        long retryAfterSeconds,
        @Nullable String approval) {
    private static final int UNAUTHORIZED = 401;
    private static final int MOST_DIGITS = 9;
    private static final int MOST_ID = 256;

    /** Reads the head of an answer; null if it is no refusal. */
    static @Nullable Refusal of(HttpResponse head) {
        HttpHeaders headers = head.headers();
        String challenge = headers.get(HttpHeaderNames.WWW_AUTHENTICATE);
        boolean nonce = head.status().code() == UNAUTHORIZED
                && headers.contains("DPoP-Nonce")
                && challenge != null
                && challenge.contains("use_dpop_nonce");
        String code = headers.get("Errand-Code");
        // Without a code the answer is an upstream's, even if it asks for a nonce: the upstream has seen the call.
        if (code == null) {
            return null;
        }
        String decision = headers.get("Errand-Decision");
        return new Refusal(
                code,
                headers.get("Errand-Next", ""),
                headers.get("Errand-Operation"),
                decision == null ? "" : decision,
                nonce,
                !nonce && !"no".equals(headers.get("Errand-Sent")),
                seconds(headers.get(HttpHeaderNames.RETRY_AFTER)),
                headers.get("Errand-Approval"));
    }

    private static long seconds(@Nullable String value) {
        boolean digits = value != null
                && !value.isEmpty()
                && value.length() <= MOST_DIGITS
                && value.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits ? Long.parseLong(value) : -1;
    }

    /** How long the request for approval still stands, in seconds; 0 if the refusal does not say. */
    long approvalSeconds() {
        String value = approval == null ? "" : approval;
        int at = value.indexOf("expires_in=");
        if (at < 0) {
            return 0;
        }
        int end = value.indexOf(';', at);
        long left = seconds(value.substring(at + "expires_in=".length(), end < 0 ? value.length() : end)
                .strip());
        return Math.max(0, left);
    }

    /** The address where a human decides. */
    String approvalUri() {
        String value = approval == null ? "" : approval;
        int end = value.indexOf(';');
        return (end < 0 ? value : value.substring(0, end)).strip();
    }

    /** The id of the request for approval; null if the refusal has none that can be asked about. */
    @Nullable String approvalId() {
        String uri = approvalUri();
        String id = uri.substring(uri.lastIndexOf('/') + 1);
        return id.length() <= MOST_ID && id.matches("[A-Za-z0-9._-]+") ? id : null;
    }

    /**
     * The line that is printed while a human decides.
     *
     * @param call the name of the call if the refusal names no operation
     */
    String waiting(String call, String where) {
        return "waiting for approval of " + (operation == null ? call : operation) + ": " + where + " (at most "
                + approvalSeconds() + " s, decision " + decision + ")";
    }
}
