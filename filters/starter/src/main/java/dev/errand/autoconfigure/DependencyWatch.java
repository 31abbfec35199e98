package dev.errand.autoconfigure;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/**
 * Watches the dependencies of every decision, as readiness sees them: a gauge for each, 1 while it is available, and
 * log lines when it is not (see {@link AwayNotice}). Looks four times a second, whether there are calls or not.
 * Thread-safe.
 */
final class DependencyWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DependencyWatch.class);
    private static final Duration EVERY = Duration.ofMillis(250);

    private final Disposable watching;

    /** One dependency. */
    private record Dependency(
            String words, BooleanSupplier available, Supplier<@Nullable String> why, AwayNotice notice) {
        void look(long nowNanos) {
            AwayNotice.Line line = notice.look(available.getAsBoolean(), nowNanos);
            if (line instanceof AwayNotice.Line.Away gone) {
                String said = why.get();
                LOG.warn(
                        "{} is away{}{}: every call is refused until it is back",
                        words,
                        time(" for ", gone.since()),
                        said == null ? "" : " (" + said + ")");
            } else if (line instanceof AwayNotice.Line.Back back) {
                LOG.warn("{} is back{}", words, time(" after ", back.after()));
            }
        }
    }

    /**
     * @param storeFault why the store does not answer, or null
     * @param logFault why the log cannot be written, or null
     */
    DependencyWatch(
            MeterRegistry registry,
            BooleanSupplier state,
            Supplier<@Nullable String> storeFault,
            BooleanSupplier log,
            Supplier<@Nullable String> logFault) {
        gauge(
                registry,
                "errand.state.available",
                "1 while the state store answers, 0 while every call is refused",
                state);
        gauge(
                registry,
                "errand.log.writable",
                "1 while the provenance log can be written, 0 while every call is refused",
                log);
        Dependency store = new Dependency("the state store", state, storeFault, new AwayNotice());
        Dependency provenance = new Dependency("the provenance log", log, logFault, new AwayNotice());
        watching = Flux.interval(EVERY).onBackpressureDrop().subscribe(tick -> {
            long now = System.nanoTime();
            store.look(now);
            provenance.look(now);
        });
    }

    private static void gauge(MeterRegistry registry, String name, String description, BooleanSupplier available) {
        Gauge.builder(name, available, now -> now.getAsBoolean() ? 1 : 0)
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    private static String time(String word, Duration time) {
        return time.isZero() ? "" : word + String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
    }

    @Override
    public void close() {
        watching.dispose();
    }
}
