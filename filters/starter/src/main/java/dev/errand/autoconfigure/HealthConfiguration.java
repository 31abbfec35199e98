package dev.errand.autoconfigure;

import dev.errand.jose.CryptoProvider;
import dev.errand.jose.SigningKeys;
import dev.errand.log.write.LogUpkeep;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.policy.LivePolicies;
import dev.errand.sink.Witnesses;
import dev.errand.state.redis.RedisTaskStore;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.StoreFault;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Health. Without the state store or the log nothing can be decided, so their absence is down. A refused revision is
 * only reported.
 */
@Configuration(proxyBeanMethods = false)
class HealthConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(HealthConfiguration.class);

    /** A larger difference from the store's clock is reported. Beyond the proof window calls are refused. */
    private static final Duration WORTH_A_WARNING = Duration.ofSeconds(5);

    @Bean
    HealthIndicator stateStoreHealthIndicator(
            RedisTaskStore store, RedisLink link, StateMetrics state, StoreWatch watch, StoreWait atStart) {
        return () -> {
            boolean available = atStart.isOver() && store.isAvailable();
            Health.Builder health =
                    available ? Health.up() : Health.down().withDetail("effect", "every call is refused");
            StoreFault fault = available ? null : link.fault();
            if (fault != null) {
                health.withDetail("reason", fault.said());
            }
            Instant rolledBack = state.rolledBackAt();
            if (rolledBack != null) {
                health.withDetail("rolledBackAt", rolledBack.toString());
            }
            String evicts = watch.eviction();
            if (evicts != null) {
                health.withDetail("eviction", evicts);
            }
            String skips = watch.skipping();
            if (skips != null) {
                health.withDetail("appendOnlyFile", skips);
            }
            Duration skew = store.clockSkew();
            if (skew.abs().compareTo(WORTH_A_WARNING) > 0) {
                health.withDetail(
                        "clock", "this replica's clock differs from the store's by " + skew.toSeconds() + " s");
            }
            return health.build();
        };
    }

    @Bean
    HealthIndicator provenanceLogHealthIndicator(
            ProvenanceLog log, LogUpkeep upkeep, ProvenanceConfiguration.LogWitnesses witnesses) {
        return () -> {
            Health.Builder health =
                    log.isWritable() ? Health.up() : Health.down().withDetail("effect", "every call is refused");
            String unwritable = log.fault();
            if (unwritable != null) {
                health.withDetail("reason", unwritable);
            }
            health.withDetail("logBytes", upkeep.disk().logBytes())
                    .withDetail("freeBytes", upkeep.disk().freeBytes());
            witnesses.witnesses().map(Witnesses::status).ifPresent(status -> witnessed(health, status));
            String fault = upkeep.fault();
            return fault == null
                    ? health.build()
                    : health.withDetail("upkeep", "index, compression or retention failed: " + fault)
                            .build();
        };
    }

    /** No call waits for a witness, so this is a warning only. */
    private static void witnessed(Health.Builder health, Witnesses.Status status) {
        health.withDetail("witnessed", status.witnessed().toString());
        if (status.isLate()) {
            health.withDetail(
                    "warning",
                    "not cosigned by enough witnesses since then: whoever can write the log and has its key could change"
                            + " the records behind it");
        }
        if (!status.faults().isEmpty()) {
            health.withDetail("witnesses", status.faults());
        }
    }

    /** Always up: either provider signs and verifies, and the JDK's is much slower. */
    @Bean
    HealthIndicator cryptoProviderHealthIndicator() {
        String fault = CryptoProvider.fault();
        if (fault == null) {
            LOG.info("signatures are made and verified with {}", CryptoProvider.name());
        } else {
            LOG.warn(
                    "signatures are made and verified with {}, more slowly: the native library does not load: {}",
                    CryptoProvider.name(),
                    fault);
        }
        return () -> {
            Health.Builder health = Health.up().withDetail("provider", CryptoProvider.name());
            return fault == null
                    ? health.build()
                    : health.withDetail("fault", fault).build();
        };
    }

    /** Always up: without a key that issues tokens only {@code /oauth2/token} answers 503. */
    @Bean
    HealthIndicator signingKeysHealthIndicator(SigningKeys keys) {
        return () ->
                Health.up().withDetail("issuing", keys.issuingKey().isPresent()).build();
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
                        .withDetail("notInForce", report.notInForce())
                        .withDetail(
                                "faults",
                                report.faults().stream().map(Object::toString).toList());
            }
            return health.build();
        };
    }
}
