package dev.errand.server;

import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.issuer.IssuerSettings;
import dev.errand.issuer.RunningRoutes;
import dev.errand.issuer.RunningTemplates;
import dev.errand.policy.Candidates;
import dev.errand.policy.LivePolicies;
import dev.errand.task.TaskPolicy;
import dev.errand.template.Template;
import dev.errand.web.RunningRevision;
import dev.errand.web.Stage;
import dev.errand.web.StageFilter;
import dev.errand.web.UpstreamTimeouts;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;

/** Wires what the issuer needs of the running configuration. */
@Configuration(proxyBeanMethods = false)
@Import({ClientCertificates.class, HostRule.class, Http2Server.class, TransferCodingRule.class})
class GatewayConfiguration {
    /** How many requests one agent may make at the token endpoint in a second. */
    private static final int REQUESTS_PER_SECOND = 100;

    @Bean
    IssuerSettings issuerSettings(ErrandProperties properties) {
        return new IssuerSettings(
                properties.issuer(),
                properties.trust().maxLifetime(),
                REQUESTS_PER_SECOND,
                properties.trust().clockSkew());
    }

    @Bean
    RunningTemplates runningTemplates(LivePolicies live, Candidates candidates) {
        return new RunningTemplates() {
            @Override
            public Optional<Template> find(String name) {
                return live.current().template(name);
            }

            @Override
            public TaskPolicy policy(Template template) {
                return candidates.ofStart(template, live.current());
            }
        };
    }

    @Bean
    RunningRoutes runningRoutes(RunningRevision running) {
        return () -> running.routes().stream()
                .filter(route -> StageFilter.isOn(route, Stage.DELEGATION_CHAIN))
                .map(Route::getId)
                .collect(Collectors.toUnmodifiableSet());
    }

    @Bean
    ServerConnections serverConnections(ErrandProperties properties, MeterRegistry registry) {
        return ServerConnections.ofTraffic(properties.server(), registry);
    }

    @Bean
    Drain drain(
            ServerConnections traffic,
            ErrandProperties properties,
            UpstreamTimeouts timeouts,
            RunningRevision running,
            @Value("${spring.lifecycle.timeout-per-shutdown-phase:30s}") Duration grace) {
        return new Drain(
                traffic,
                properties.drain(),
                grace,
                () -> timeouts.longest(running.routes().stream().map(Route::getMetadata)));
    }

    @Bean(initMethod = "attach", destroyMethod = "close")
    ClientLines clientLines(MeterRegistry registry) {
        return new ClientLines(registry);
    }

    @Bean
    @ConditionalOnProperty("errand.approvals.url")
    PageHost pageHost(ErrandProperties properties) {
        String url = Objects.requireNonNull(properties.approvals().url());
        return new PageHost(URI.create(url).getRawAuthority().toLowerCase(Locale.ROOT));
    }

    @Bean
    TargetLimit targetLimit(Environment environment) {
        return new TargetLimit(environment
                .getRequiredProperty("server.netty.max-initial-line-length", DataSize.class)
                .toBytes());
    }
}
