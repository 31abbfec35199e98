package dev.errand.web;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A finished call, with the values of its spans.
 *
 * @param parent the caller's {@code traceparent}, or null if the caller sent none or a malformed one
 * @param sent the {@code traceparent} of the request to the upstream: the trace, and the id of the upstream's span
 * @param name the name of the call's own span
 * @param whole the time from the first byte to the last
 * @param attributes the attributes of the call's own span, by name
 * @param status the status of the answer; 0 without an answer
 * @param code the code of a refusal, or null
 * @param step the time of the step on the task's state, or null if there was none
 * @param upstream the time from the request to the head of the answer, or null if nothing was sent
 * @param method the method of the request
 * @param host the host of the upstream, or null
 */
record FinishedCall(
        @Nullable String parent,
        String sent,
        String name,
        Interval whole,
        Map<String, String> attributes,
        int status,
        @Nullable String code,
        @Nullable Interval step,
        @Nullable Interval upstream,
        String method,
        @Nullable String host) {
    /**
     * A period of time.
     *
     * @param fromNanos nanoseconds since the epoch
     * @param toNanos nanoseconds since the epoch
     * @param failed whether what the call waited for did not come
     */
    public record Interval(long fromNanos, long toNanos, boolean failed) {}
}
