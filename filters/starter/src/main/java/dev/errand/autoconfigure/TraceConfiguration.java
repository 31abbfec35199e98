package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.web.Spans;
import dev.errand.web.TraceFilter;
import dev.errand.web.TraceSettings;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Traces, configured by Spring Boot's keys. Spring Boot's own observations are not used, since they would measure every
 * call twice more.
 */
@Configuration(proxyBeanMethods = false)
@Conditional(TraceEndpoint.class)
class TraceConfiguration {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @Bean(destroyMethod = "close")
    Spans errandSpans(Environment environment, MeterRegistry registry) {
        Counter lost = Counter.builder("errand.spans.lost")
                .description("Spans that the collector did not take")
                .register(registry);
        try {
            return new Spans(settings(environment), lost::increment);
        } catch (NoClassDefFoundError missing) {
            throw ConfigurationException.of(TraceEndpoint.base(environment)
                    + ".endpoint: traces need io.opentelemetry:opentelemetry-exporter-otlp on the class path");
        }
    }

    @Bean
    TraceFilter errandTraceFilter(Spans spans) {
        return new TraceFilter(spans);
    }

    private static TraceSettings settings(Environment environment) {
        String base = TraceEndpoint.base(environment);
        if (base == null) {
            throw new IllegalStateException("there is no endpoint for traces");
        }
        if (!environment.getProperty(base + ".transport", "http").equalsIgnoreCase("http")) {
            throw ConfigurationException.of(base + ".transport: only 'http' is spoken: use the collector's HTTP port");
        }
        Map<String, String> resource = new HashMap<>(map(environment, "management.opentelemetry.resource-attributes"));
        resource.putIfAbsent("service.name", environment.getProperty("spring.application.name", "errand"));
        try {
            return new TraceSettings(
                    environment.getRequiredProperty(base + ".endpoint"),
                    map(environment, base + ".headers"),
                    environment.getProperty(base + ".timeout", Duration.class, TIMEOUT),
                    environment.getProperty(base + ".connect-timeout", Duration.class, TIMEOUT),
                    environment.getProperty(base + ".compression", "none"),
                    environment.getProperty("management.tracing.sampling.probability", Double.class, 1.0),
                    resource);
        } catch (IllegalArgumentException e) {
            throw ConfigurationException.of(base + ": " + e.getMessage());
        }
    }

    private static Map<String, String> map(Environment environment, String key) {
        return Binder.get(environment)
                .bind(key, Bindable.mapOf(String.class, String.class))
                .orElse(Map.of());
    }
}
