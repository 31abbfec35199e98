package dev.errand.web.refusal;

import dev.errand.jose.DpopVerifier;
import dev.errand.task.TaskOutcome.RateAdvice;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** The headers that tell a refused caller what to do: RFC 9449, RFC 6750, RFC 9728, RateLimit fields, Retry-After. */
final class Challenge {
    /** How long an agent waits before it asks again whether a human has decided. */
    private static final String APPROVAL_SECONDS = "5";

    private Challenge() {}

    /** @param route the route whose metadata the challenge names; null at the gateway's own endpoints, which have none */
    static void write(
            HttpHeaders headers, String issuer, @Nullable String route, Refusal refusal, @Nullable RateAdvice rate) {
        String nonce = refusal.nonce();
        if (nonce != null) {
            headers.set("DPoP-Nonce", nonce);
        }
        switch (refusal.why().reason()) {
            case AUTHENTICATION_REQUIRED ->
                headers.set(
                        HttpHeaders.WWW_AUTHENTICATE,
                        "DPoP algs=\"" + DpopVerifier.ALGORITHMS + '"'
                                + (route == null
                                        ? ""
                                        : ", resource_metadata=\"" + issuer + "/.well-known/oauth-protected-resource/"
                                                + route + '"'));
            case INVALID_TOKEN, CHAIN_INCOMPLETE, TASK_ENDED, IDENTITY_MISMATCH ->
                headers.set(HttpHeaders.WWW_AUTHENTICATE, "DPoP error=\"invalid_token\"");
            case INVALID_PROOF ->
                headers.set(
                        HttpHeaders.WWW_AUTHENTICATE,
                        nonce == null ? "DPoP error=\"invalid_dpop_proof\"" : "DPoP error=\"use_dpop_nonce\"");
            case NOT_GRANTED, CONSTRAINT_VIOLATED ->
                headers.set(
                        HttpHeaders.WWW_AUTHENTICATE,
                        "DPoP error=\"insufficient_scope\""
                                + (refusal.lacking().isEmpty()
                                        ? ""
                                        : ", scope=\"" + String.join(" ", refusal.lacking()) + '"'));
            case RATE_EXCEEDED -> {
                if (rate != null) {
                    rate(headers, rate);
                } else {
                    headers.set(HttpHeaders.RETRY_AFTER, "1");
                }
            }
            case APPROVAL_REQUIRED -> headers.set(HttpHeaders.RETRY_AFTER, APPROVAL_SECONDS);
            case DECISION_UNAVAILABLE -> headers.set(HttpHeaders.RETRY_AFTER, "1");
            case MALFORMED_REQUEST,
                    UNKNOWN_OPERATION,
                    AMBIGUOUS_OPERATION,
                    SEQUENCE_VIOLATION,
                    RULE_VIOLATION,
                    FLOW_DENIED,
                    APPROVAL_REFUSED,
                    BUDGET_EXHAUSTED,
                    UPSTREAM_UNAVAILABLE -> {}
        }
    }

    private static void rate(HttpHeaders headers, RateAdvice rate) {
        long seconds = Math.max(1, (rate.retryAfter().toMillis() + 999) / 1000);
        long windowSeconds = Math.max(1, (rate.period().toMillis() + 999) / 1000);
        headers.set(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
        headers.set("RateLimit-Policy", "\"" + rate.policy() + "\";q=" + rate.capacity() + ";w=" + windowSeconds);
        headers.set("RateLimit", "\"" + rate.policy() + "\";r=" + rate.remaining() + ";t=" + seconds);
    }
}
