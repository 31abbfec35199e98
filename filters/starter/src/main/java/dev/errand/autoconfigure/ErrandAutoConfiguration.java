package dev.errand.autoconfigure;

import dev.errand.log.write.FileProvenanceLog;
import dev.errand.web.RouteConfiguration;
import dev.errand.web.Settings;
import dev.errand.web.refusal.RefusalConfiguration;
import dev.errand.web.send.SendConfiguration;
import dev.errand.web.stage.StageConfiguration;
import java.time.Clock;
import java.time.Duration;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cloud.gateway.config.GatewayAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** Errand in any Spring Cloud Gateway: switched on by {@code errand.issuer}. */
@AutoConfiguration(before = GatewayAutoConfiguration.class)
@ConditionalOnProperty("errand.issuer")
@EnableConfigurationProperties(ErrandProperties.class)
@Import({
    KeysConfiguration.class,
    TrustConfiguration.class,
    StateConfiguration.class,
    EndingsConfiguration.class,
    ProvenanceConfiguration.class,
    FleetConfiguration.class,
    SinkConfiguration.class,
    TaskCredentialConfiguration.class,
    PolicyConfiguration.class,
    HealthConfiguration.class,
    MetricsConfiguration.class,
    TraceConfiguration.class,
    ConnectionsConfiguration.class,
    BodiesConfiguration.class,
    RouteConfiguration.class,
    RefusalConfiguration.class,
    StageConfiguration.class,
    SendConfiguration.class
})
public class ErrandAutoConfiguration {
    /** The longest time from the state store's answer until the call is sent. */
    private static final Duration LATE_AT_MOST = Duration.ofMillis(50);

    @Bean
    @ConditionalOnMissingBean
    Clock errandClock() {
        return Clock.systemUTC();
    }

    @Bean
    Settings errandFilterSettings(ErrandProperties properties, FileProvenanceLog log) {
        return new Settings(
                properties.issuer(),
                properties.mode() == ErrandProperties.Mode.OBSERVE,
                log.instance().value(),
                properties.proof().window(),
                properties.state().timeout().plus(LATE_AT_MOST));
    }
}
