package dev.errand.decision;

import io.grpc.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.http.server.reactive.HttpHandler;

/**
 * What the streams of all gateways share: the handler of their requests, and the bound of decisions under way. Thread-safe.
 *
 * @param handler runs the filters of the routes
 * @param forwarded whether {@code X-Forwarded-Client-Cert} tells the agent's certificate
 * @param most how many decisions may wait for their response headers at once
 */
record Decisions(HttpHandler handler, boolean forwarded, int most, AtomicInteger open, MeterRegistry registry) {
    Decisions(HttpHandler handler, boolean forwarded, int most, MeterRegistry registry) {
        this(handler, forwarded, most, new AtomicInteger(), registry);
        Gauge.builder("errand.decision.service.open", open, AtomicInteger::get)
                .description("Requests of other gateways before the head of their answer")
                .register(registry);
    }

    /** Whether one more decision may begin; it must {@link #leave}. */
    boolean enter() {
        if (open.incrementAndGet() <= most) {
            return true;
        }
        open.decrementAndGet();
        return false;
    }

    void leave() {
        open.decrementAndGet();
    }

    /** Counts a stream that ended in an error of ours. */
    void failed(Status.Code code) {
        Counter.builder("errand.decision.service.failed")
                .description("Streams of other gateways that ended in an error, by its gRPC status")
                .tags("status", code.name().toLowerCase(Locale.ROOT))
                .register(registry)
                .increment();
    }

    /** Counts a body that the other gateway itself found too large, before there was a decision. */
    void tooLarge(String route) {
        Counter.builder("errand.refused")
                .tags("route", route, "code", "gateway-413")
                .register(registry)
                .increment();
    }
}
