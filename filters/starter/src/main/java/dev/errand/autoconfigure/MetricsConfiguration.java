package dev.errand.autoconfigure;

import dev.errand.jose.CryptoProvider;
import dev.errand.log.write.LogUpkeep;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.state.TaskStore;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.StoreFault;
import dev.errand.web.RunningRevision;
import dev.errand.web.refusal.CallMetrics;
import dev.errand.web.refusal.CandidateDecisions;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The metrics that exist from the start, before anything happens that they count. */
@Configuration(proxyBeanMethods = false)
class MetricsConfiguration {
    @Bean(destroyMethod = "close")
    DependencyWatch errandDependencyWatch(MeterRegistry registry, TaskStore store, RedisLink link, ProvenanceLog log) {
        return new DependencyWatch(registry, store::isAvailable, () -> said(link.fault()), log::isWritable, log::fault);
    }

    @Bean
    MeterBinder errandLogDiskMeters(LogUpkeep upkeep) {
        return registry -> {
            Gauge.builder("errand.log.free", () -> upkeep.disk().freeBytes())
                    .description("What may still be written on the disk of the provenance log")
                    .baseUnit("bytes")
                    .register(registry);
            Gauge.builder("errand.log", () -> upkeep.disk().logBytes())
                    .description("The size of this replica's provenance log")
                    .baseUnit("bytes")
                    .register(registry);
        };
    }

    @Bean
    MeterBinder errandLogUpkeepMeter(LogUpkeep upkeep) {
        return registry -> Gauge.builder("errand.log.upkeep", () -> upkeep.fault() == null ? 1 : 0)
                .description(
                        "1 while index, compression and retention of the provenance log work, 0 while one of them fails")
                .register(registry);
    }

    /** Tells which provider is in use: the JDK's cryptography is 20 to 60 times slower than the native library. */
    @Bean
    MeterBinder errandCryptoMeter() {
        return registry -> Gauge.builder("errand.crypto.native", () -> CryptoProvider.fault() == null ? 1 : 0)
                .description("1 while a native library signs and verifies, 0 while the JDK does")
                .tag("provider", CryptoProvider.name())
                .register(registry);
    }

    /**
     * Creates the counters that alerts look at, at 0: a counter whose first value is above 0 shows no increase, so no alert would
     * see a first burst.
     */
    @Bean
    SmartInitializingSingleton errandDecisionCounters(
            RunningRevision running, CallMetrics metrics, CandidateDecisions candidates) {
        return () -> running.onReplace(routes -> {
            metrics.expect(routes);
            candidates.expect(running.current().policies().candidates().keySet());
        });
    }

    private static @Nullable String said(@Nullable StoreFault fault) {
        return fault == null ? null : fault.said();
    }
}
