package dev.errand.web.refusal;

import dev.errand.denial.DenyReason;
import dev.errand.operation.Effect;
import dev.errand.web.call.Call;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The meters of calls. Labels are the route, the operation's effect and the code, all of which are bounded; never a
 * task, a path or a token. Thread-safe.
 */
public final class CallMetrics {
    /**
     * The labels of one counter.
     *
     * @param effect null where no operation was found
     * @param reason null where the call was permitted
     */
    private record Key(
            String route, @Nullable Effect effect, @Nullable DenyReason reason) {}

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
    public void decided(Call call, @Nullable DenyReason reason) {
        Effect effect = call.operations().isEmpty()
                ? null
                : call.operations().get(0).operation().effect();
        decisions
                .computeIfAbsent(new Key(call.route(), effect, reason), this::counter)
                .increment();
    }

    private Counter counter(Key key) {
        return Counter.builder("errand.decisions")
                .description("Decisions by route, effect of the operation and code")
                .tag("route", key.route())
                .tag("effect", key.effect() == null ? "none" : key.effect().wire())
                .tag("code", key.reason() == null ? "permitted" : key.reason().code())
                .register(registry);
    }

    public void stepTook(long nanos) {
        step.record(nanos, TimeUnit.NANOSECONDS);
    }

    public void upstreamTook(long nanos) {
        upstream.record(nanos, TimeUnit.NANOSECONDS);
    }

    public void callTook(Call call) {
        total.record(System.nanoTime() - call.arrived().startedNanos(), TimeUnit.NANOSECONDS);
    }
}
