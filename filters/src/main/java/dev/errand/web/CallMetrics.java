package dev.errand.web;

import dev.errand.denial.DenyReason;
import dev.errand.operation.Effect;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the outside can count. Labels are the route, the operation's effect and the code, all of which are bounded; never
 * a task, a path or a token. Thread-safe.
 */
final class CallMetrics {
    private record Key(String route, String effect, String code) {}

    private final MeterRegistry registry;
    private final Map<Key, Counter> decisions = new ConcurrentHashMap<>();
    private final Timer step;
    private final Timer upstream;
    private final Timer total;

    CallMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.step = histogram("errand.state.step", "One atomic step on the task's state");
        this.upstream = histogram("errand.upstream", "From sending the request to the upstream's answer");
        this.total = histogram("errand.call", "From the request's arrival to its answer's head");
    }

    private Timer histogram(String name, String description) {
        return Timer.builder(name)
                .description(description)
                .publishPercentileHistogram()
                .register(registry);
    }

    /** One decision: permitted where the reason is null. */
    void decided(Call call, @Nullable DenyReason reason) {
        Effect effect =
                call.calls.isEmpty() ? null : call.calls.get(0).operation().effect();
        Key key = new Key(
                call.route, effect == null ? "none" : effect.wire(), reason == null ? "permitted" : reason.code());
        decisions
                .computeIfAbsent(
                        key,
                        k -> Counter.builder("errand.decisions")
                                .description("Decisions by route, effect of the operation and code")
                                .tag("route", k.route())
                                .tag("effect", k.effect())
                                .tag("code", k.code())
                                .register(registry))
                .increment();
    }

    void stepTook(long nanos) {
        step.record(nanos, TimeUnit.NANOSECONDS);
    }

    void upstreamTook(long nanos) {
        upstream.record(nanos, TimeUnit.NANOSECONDS);
    }

    void callTook(Call call) {
        total.record(System.nanoTime() - call.startedNanos, TimeUnit.NANOSECONDS);
    }
}
