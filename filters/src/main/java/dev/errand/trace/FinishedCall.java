package dev.errand.trace;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A finished call, with the values of its spans.
 *
 * @param parent the caller's {@code traceparent}, or null if the caller sent none or a malformed one
 * @param sent the {@code traceparent} of the request to the upstream: the trace, and the id of the upstream's span
 * @param name of the call's own span
 * @param whole from the first byte to the last
 * @param attributes of the call's own span, by name
 * @param status the status of the answer; 0 where there was none
 * @param code the code of a refusal, or null
 * @param step on the task's state, or null where there was none
 * @param upstream from the request to the head of the answer, or null where nothing was sent
 * @param method of the request
 * @param host of the upstream, or null
 */
public record FinishedCall(
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
     * A time that passed.
     *
     * @param fromNanos since the epoch
     * @param toNanos since the epoch
     * @param failed whether what was waited for did not come
     */
    public record Interval(long fromNanos, long toNanos, boolean failed) {}
}
