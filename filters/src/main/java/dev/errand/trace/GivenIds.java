package dev.errand.trace;

import io.opentelemetry.sdk.trace.IdGenerator;
import org.jspecify.annotations.Nullable;

/** Ids of traces and spans that were chosen before the spans are made: they were sent to the upstream. Thread-safe. */
final class GivenIds implements IdGenerator {
    private final ThreadLocal<@Nullable String> trace = new ThreadLocal<>();
    private final ThreadLocal<@Nullable String> span = new ThreadLocal<>();

    /** The calling thread's next root span is in this trace. */
    void trace(String id) {
        trace.set(id);
    }

    /** The calling thread's next span has this id; null for any. */
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
