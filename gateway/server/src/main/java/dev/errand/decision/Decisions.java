package dev.errand.decision;

import io.grpc.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoop;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.springframework.http.server.reactive.HttpHandler;
import reactor.core.Disposable;

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

    /**
     * Runs the filters for a request.
     *
     * @param running gets what stops them
     * @param failed what follows an error, on the request's event loop
     * @param done what follows when they have finished, on the request's event loop
     */
    void run(
            AskedRequest asked,
            AskedResponse response,
            Disposable.Swap running,
            Consumer<Throwable> failed,
            Runnable done) {
        running.update(handler.handle(asked, response)
                .subscribe(
                        nothing -> {},
                        error -> onLoop(asked.loop(), () -> failed.accept(error)),
                        () -> onLoop(asked.loop(), done)));
    }

    private static void onLoop(EventLoop loop, Runnable last) {
        if (loop.inEventLoop()) {
            last.run();
        } else {
            loop.execute(last);
        }
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
