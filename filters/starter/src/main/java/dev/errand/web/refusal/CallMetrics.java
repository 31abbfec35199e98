package dev.errand.web.refusal;

import dev.errand.denial.DenyReason;
import dev.errand.operation.Effect;
import dev.errand.web.Call;
import dev.errand.web.CallTrace;
import dev.errand.web.Stage;
import dev.errand.web.StageFilter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.web.server.ServerWebExchange;

/**
 * The meters of calls. Labels are the route, the operation's effect and the code. Their values are bounded; no label is
 * a task, a path or a token. Thread-safe.
 */
public final class CallMetrics {
    /**
     * The labels of one counter.
     *
     * @param effect null where no operation was found
     */
    private record Key(String route, @Nullable Effect effect, String code) {}

    /** The code of a permitted call. */
    private static final String PERMITTED = "permitted";

    /** The code of a call that met a request for approval that was open already. */
    private static final String WAITING = "approval-waiting";

    private final MeterRegistry registry;
    private final Map<Key, Counter> decisions = new ConcurrentHashMap<>();
    private final Timer step;
    private final Timer upstream;
    private final Timer total;

    private final boolean traced;
    private final LastHour hour = new LastHour(System::currentTimeMillis);

    /** @param traced whether calls have a {@link CallTrace} */
    CallMetrics(MeterRegistry registry, boolean traced) {
        this.traced = traced;
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

    /**
     * Registers the counters of these routes that alerts compare with 0. A counter of decisions begins with its first decision.
     */
    public void expect(List<Route> routes) {
        for (Route route : routes) {
            if (StageFilter.isOn(route, Stage.UPSTREAM_CREDENTIAL)) {
                echoes(route.getId());
            }
        }
    }

    /** One decision: permitted where the reason is null. */
    public void decided(Call call, @Nullable DenyReason reason) {
        count(call, reason == null ? PERMITTED : reason.code());
        if (reason == null) {
            hour.permitted();
        } else if (reason == DenyReason.APPROVAL_REQUIRED) {
            hour.waiting();
        } else if (reason != DenyReason.UPSTREAM_UNAVAILABLE) {
            // A call whose upstream did not answer was permitted before.
            hour.refused();
        }
    }

    /** The counts of each minute of the last hour. */
    public LastHour hour() {
        return hour;
    }

    /** A call met a request for approval that was open already. */
    void waiting(Call call) {
        count(call, WAITING);
        hour.waiting();
    }

    private void count(Call call, String code) {
        Effect effect = call.operations().isEmpty()
                ? null
                : call.operations().get(0).operation().effect();
        decisions
                .computeIfAbsent(new Key(call.route(), effect, code), this::counter)
                .increment();
    }

    private Counter counter(Key key) {
        return Counter.builder("errand.decisions")
                .description("Decisions by route, effect of the operation and code")
                .tag("route", key.route())
                .tag("effect", key.effect() == null ? "none" : key.effect().wire())
                .tag("code", key.code())
                .register(registry);
    }

    /** The upstream's answer held the credential that the gateway sent. */
    public void echoed(Call call) {
        echoes(call.route()).increment();
    }

    private Counter echoes(String route) {
        return Counter.builder("errand.credential.echoes")
                .description("Answers that held the credential that the gateway sent, and were not passed on")
                .tag("route", route)
                .register(registry);
    }

    /** The step on the task's state was answered. */
    public void stepTook(ServerWebExchange exchange, long begunNanos) {
        step.record(System.nanoTime() - begunNanos, TimeUnit.NANOSECONDS);
        CallTrace trace = trace(exchange);
        if (trace != null) {
            trace.step(begunNanos, false);
        }
    }

    /** The state store did not answer the step. */
    public void stepFailed(ServerWebExchange exchange, long begunNanos) {
        CallTrace trace = trace(exchange);
        if (trace != null) {
            trace.step(begunNanos, true);
        }
    }

    /** The call goes to its upstream. */
    public void upstreamBegins(ServerWebExchange exchange) {
        CallTrace trace = trace(exchange);
        if (trace != null) {
            trace.upstreamBegins();
        }
    }

    /** The upstream answered. */
    public void upstreamTook(ServerWebExchange exchange, long begunNanos) {
        upstream.record(System.nanoTime() - begunNanos, TimeUnit.NANOSECONDS);
        CallTrace trace = trace(exchange);
        if (trace != null) {
            trace.upstreamAnswered(begunNanos);
        }
    }

    private @Nullable CallTrace trace(ServerWebExchange exchange) {
        return traced ? CallTrace.find(exchange) : null;
    }

    public void callTook(Call call) {
        total.record(System.nanoTime() - call.arrived().startedNanos(), TimeUnit.NANOSECONDS);
    }
}
