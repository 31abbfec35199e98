package dev.errand.autoconfigure;

import dev.errand.policy.LivePolicies;
import dev.errand.provenance.ProvenanceLog;
import dev.errand.state.TaskStore;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Health: the state store and the log must be there to decide anything; a refused revision is told, and serves on. */
@Configuration(proxyBeanMethods = false)
class HealthConfiguration {
    @Bean
    HealthIndicator stateStoreHealthIndicator(TaskStore store) {
        return () -> store.isAvailable()
                ? Health.up().build()
                : Health.down().withDetail("effect", "every call is refused").build();
    }

    @Bean
    HealthIndicator provenanceLogHealthIndicator(ProvenanceLog log) {
        return () -> log.isWritable()
                ? Health.up().build()
                : Health.down().withDetail("effect", "every call is refused").build();
    }

    @Bean
    HealthIndicator configurationHealthIndicator(LivePolicies policies) {
        return () -> {
            LivePolicies.Report report = policies.report();
            Health.Builder health = Health.up()
                    .withDetail("revision", report.revision())
                    .withDetail("since", report.since().toString())
                    .withDetail("current", report.isCurrent())
                    .withDetail("fileRevision", report.fileRevision())
                    .withDetail("restartNeeded", report.restartNeeded());
            if (!report.isCurrent()) {
                health.withDetail("refusedAt", String.valueOf(report.refusedAt()))
                        .withDetail(
                                "faults",
                                report.faults().stream().map(Object::toString).toList());
            }
            return health.build();
        };
    }
}
