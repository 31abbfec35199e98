package dev.errand.autoconfigure;

import dev.errand.state.StateListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The metrics of the shared state. Thread-safe. */
final class StateMetrics implements StateListener {
    private static final Logger LOG = LoggerFactory.getLogger(StateMetrics.class);

    private final Timer commits;
    private final Counter scripts;
    private final Counter steps;
    private final Counter conflicts;
    private final Counter failures;
    private final Counter rollbacks;
    private volatile @Nullable Instant rolledBackAt;
    private volatile Consumer<String> onRollback = task -> {};

    StateMetrics(MeterRegistry registry) {
        commits = Timer.builder("errand.state.commit")
                .description("One batch of steps on one task, from its first script call to the last answer")
                .publishPercentileHistogram()
                .register(registry);
        scripts = counter(registry, "errand.state.scripts", "Script calls");
        steps = counter(registry, "errand.state.steps", "Steps committed");
        conflicts = counter(registry, "errand.state.conflicts", "Batches judged again, another replica came first");
        failures = counter(registry, "errand.state.failures", "Steps given up, the store did not answer in time");
        rollbacks = counter(
                registry,
                "errand.state.rollbacks",
                "Tasks whose record in the store was older than the one that this replica knew");
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
    public void rolledBack(String task, boolean interrupted) {
        rollbacks.increment();
        rolledBackAt = Instant.now();
        if (interrupted) {
            onRollback.accept(task);
        }
        LOG.warn(
                "the state store came back with an older record task={}: {}",
                task,
                interrupted ? "the task is ended" : "the newer one is written back");
    }

    /**
     * Sets the listener for tasks that were ended since the store lost records. It must be quick and never throw.
     * Replaces the last one.
     */
    void onRollback(Consumer<String> listener) {
        onRollback = listener;
    }

    /** When the store last had an older record than this replica knew; null for never. */
    public @Nullable Instant rolledBackAt() {
        return rolledBackAt;
    }

    /** No metric: the breaker is that of the link's common connection only, and tells nothing about the store. */
    @Override
    public void breaker(String state) {
        LOG.debug("the breaker of the common connection to the state store is {}", state);
    }
}
