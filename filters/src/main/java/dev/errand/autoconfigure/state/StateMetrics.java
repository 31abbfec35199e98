package dev.errand.autoconfigure.state;

import dev.errand.state.StateListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** What the shared state does, as metrics. Thread-safe. */
final class StateMetrics implements StateListener {
    private final Timer commits;
    private final Counter scripts;
    private final Counter steps;
    private final Counter conflicts;
    private final Counter failures;
    private final AtomicInteger breakerOpen = new AtomicInteger();

    StateMetrics(MeterRegistry registry) {
        commits = Timer.builder("errand.state.commit")
                .description("One batch of steps on one task, from its first script call to the last answer")
                .publishPercentileHistogram()
                .register(registry);
        scripts = counter(registry, "errand.state.scripts", "Script calls");
        steps = counter(registry, "errand.state.steps", "Steps committed");
        conflicts = counter(registry, "errand.state.conflicts", "Batches judged again, another replica came first");
        failures = counter(registry, "errand.state.failures", "Steps given up, the store did not answer in time");
        Gauge.builder("errand.state.breaker.open", breakerOpen, AtomicInteger::get)
                .description("1 while the store is not asked because it failed")
                .register(registry);
    }

    private static Counter counter(MeterRegistry registry, String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    @Override
    public void committed(int count, int scriptCalls, Duration latency) {
        commits.record(latency);
        scripts.increment(scriptCalls);
        steps.increment(count);
    }

    @Override
    public void conflict() {
        conflicts.increment();
    }

    @Override
    public void failed(int count, String why) {
        failures.increment(count);
    }

    @Override
    public void breaker(String state) {
        breakerOpen.set(state.equals("CLOSED") ? 0 : 1);
    }
}
