package dev.errand.server;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** How many connections of a port are open, and how many the gateway closed by itself, by reason. Thread-safe. */
final class Closings {
    private final AtomicInteger open = new AtomicInteger();
    private final Map<Closing, Counter> closed = new EnumMap<>(Closing.class);

    /** @param port {@code traffic} or {@code operator} */
    Closings(MeterRegistry registry, String port) {
        Gauge.builder("errand.connections", open, AtomicInteger::get)
                .description("Connections of clients that are open")
                .tag("port", port)
                .register(registry);
        for (Closing reason : Closing.values()) {
            closed.put(
                    reason,
                    Counter.builder("errand.connections.closed")
                            .description("Connections, and streams of HTTP/2, that the gateway ended by itself")
                            .tag("port", port)
                            .tag("reason", reason.wire())
                            .register(registry));
        }
    }

    AtomicInteger open() {
        return open;
    }

    void count(Closing reason) {
        Counter counter = closed.get(reason);
        if (counter != null) {
            counter.increment();
        }
    }
}
