package dev.errand.autoconfigure;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.lang.management.ManagementFactory;

/**
 * The memory outside the heap that holds the bytes of connections, as two gauges: what Netty has reserved, and the
 * limit of the virtual machine ({@code -XX:MaxDirectMemorySize}, by default the size of the heap). At the limit, a
 * connection that needs more is closed. Thread-safe.
 */
final class DirectMemory implements MeterBinder {
    @Override
    public void bindTo(MeterRegistry registry) {
        if (ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider allocator) {
            Gauge.builder("errand.memory.direct.used", allocator.metric(), ByteBufAllocatorMetric::usedDirectMemory)
                    .description("Direct memory that connections have")
                    .baseUnit(BaseUnits.BYTES)
                    .register(registry);
        }
        Gauge.builder("errand.memory.direct.max", DirectMemory::max)
                .description("The most direct memory that the virtual machine gives")
                .baseUnit(BaseUnits.BYTES)
                .register(registry);
    }

    /** The configured limit, in bytes; the default if the virtual machine cannot be asked. */
    static long max() {
        HotSpotDiagnosticMXBean machine = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        long configured = machine == null
                ? 0
                : Long.parseLong(machine.getVMOption("MaxDirectMemorySize").getValue());
        return configured > 0 ? configured : Runtime.getRuntime().maxMemory();
    }
}
