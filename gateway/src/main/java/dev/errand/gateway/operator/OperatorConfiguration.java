package dev.errand.gateway.operator;

import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.autoconfigure.check.OperatorAddress;
import dev.errand.config.ConfigurationException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The operator's credential, read or made before any port is bound. */
@Configuration(proxyBeanMethods = false)
class OperatorConfiguration {
    @Bean
    HealthDetails healthDetails() {
        return new HealthDetails();
    }

    @Bean
    OperatorToken operatorToken(ErrandProperties properties, Environment environment) {
        Path file = properties.file(properties.operator().token());
        String address = environment.getProperty("management.server.address");
        if (OperatorAddress.isLoopback(address)) {
            return OperatorToken.createIfAbsent(file);
        }
        if (!Files.exists(file)) {
            throw ConfigurationException.of(OperatorAddress.needsToken(String.valueOf(address), file.toString()));
        }
        return OperatorToken.load(file);
    }
}
