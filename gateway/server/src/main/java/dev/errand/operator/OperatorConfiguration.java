package dev.errand.operator;

import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.autoconfigure.OperatorAddress;
import dev.errand.config.ConfigurationException;
import dev.errand.fleet.Replica;
import dev.errand.fleet.Replicas;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;

/** Wires the operators' credentials. They are read or made before any port is bound. */
@Configuration(proxyBeanMethods = false)
@Import({HealthDetails.class, ReplicaAddress.class, ReplicaSignOn.class})
class OperatorConfiguration {
    @Bean(destroyMethod = "close")
    OperatorCredentials operatorCredentials(ErrandProperties properties, Environment environment, Clock clock) {
        return new OperatorCredentials(properties, unnamed(properties, environment), clock);
    }

    /** The token of the operator without a name of its own. Beyond loopback, named operators may replace it. */
    private static @Nullable OperatorToken unnamed(ErrandProperties properties, Environment environment) {
        Path file = properties.file(properties.operator().token());
        String address = environment.getProperty("management.server.address");
        if (OperatorAddress.isLoopback(address)) {
            return OperatorToken.createIfAbsent(file);
        }
        if (Files.exists(file)) {
            return OperatorToken.load(file);
        }
        if (properties.operators().isEmpty()) {
            throw ConfigurationException.of(OperatorAddress.needsToken(String.valueOf(address), file.toString()));
        }
        return null;
    }

    /** Shows in health the replicas that are lost, and whether replicas differ. The status of this replica stays UP. */
    @Bean
    HealthIndicator replicasHealthIndicator(Replicas replicas) {
        return () -> {
            Replicas.Seen seen = replicas.last();
            Health.Builder health =
                    Health.up().withDetail("replicas", seen.replicas().size());
            if (!seen.lost().isEmpty()) {
                health.withDetail(
                        "lost", seen.lost().stream().map(Replica::instance).toList());
            }
            if (replicas.differ()) {
                health.withDetail(
                        "warning", "the replicas differ in revision or mode for more than 60 s: see GET /replicas");
            }
            return health.build();
        };
    }
}
