package dev.errand.web;

import io.opentelemetry.sdk.trace.IdGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Gives spans the ids that were chosen before the spans are made, since they were sent to the upstream. Thread-safe.
 */
final class GivenIds implements IdGenerator {
    private final ThreadLocal<@Nullable String> trace = new ThreadLocal<>();
    private final ThreadLocal<@Nullable String> span = new ThreadLocal<>();

    /** Sets the trace of the calling thread's next root span. */
    void trace(String id) {
        trace.set(id);
    }

    /** Sets the id of the calling thread's next span; null for any id. */
    void span(@Nullable String id) {
        span.set(id);
    }

    @Override
    public String generateSpanId() {
        String id = span.get();
        return id == null ? IdGenerator.random().generateSpanId() : id;
    }

    @Override
    public String generateTraceId() {
        String id = trace.get();
        return id == null ? IdGenerator.random().generateTraceId() : id;
    }
}
