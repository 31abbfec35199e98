package dev.errand.operation;

import java.util.List;

/**
 * The only list of request headers that pass to an upstream without a word of its catalogue, and of those that clients
 * add although they change nothing. A {@code *} ends a prefix of names.
 */
final class PassingHeaders {
    /** Headers that pass for every API. They say how the answer is to look, what the body is, and which call this is. */
    static final List<String> COMMON = List.of(
            "Accept",
            "Accept-*",
            "Content-*",
            "If-*",
            "Range",
            "Cache-Control",
            "Pragma",
            "User-Agent",
            "Prefer",
            "Idempotency-Key",
            "X-Request-Id",
            "Tracestate",
            "Baggage",
            "Last-Event-ID",
            "Mcp-*");

    /** Headers that browsers, HTTP libraries, SDKs and tracing add. They are removed. */
    static final List<String> HARMLESS = List.of(
            // Browsers, and libraries that behave like one
            "Date",
            "DNT",
            "From",
            "Origin",
            "Priority",
            "Purpose",
            "Referer",
            "Save-Data",
            "Sec-CH-*",
            "Sec-Fetch-*",
            "Sec-GPC",
            "Sec-Purpose",
            "Upgrade-Insecure-Requests",
            "X-Requested-With",
            // Proxies before the gateway
            "CDN-Loop",
            "Early-Data",
            "Max-Forwards",
            "Via",
            "Warning",
            // Tracing, whose ids nobody would find: the gateway's own traceparent is the call's
            "b3",
            "X-B3-*",
            "Correlation-Context",
            "Grpc-Trace-Bin",
            "Request-Id",
            "Sentry-Trace",
            "Uber-Trace-Id",
            "X-Amzn-Trace-Id",
            "X-Cloud-Trace-Context",
            "X-Correlation-Id",
            "X-Datadog-*",
            "X-Ot-Span-Context",
            // What tools and SDKs say of themselves
            "amz-sdk-*",
            "kubectl-*",
            "X-Amz-User-Agent",
            "X-Client-Request-Id",
            "X-Fern-*",
            "X-Goog-Api-Client",
            "X-MS-Client-Request-Id",
            "X-Stainless-*",
            "X-Stripe-Client-*");

    private PassingHeaders() {}
}
