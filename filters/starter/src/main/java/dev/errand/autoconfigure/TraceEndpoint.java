package dev.errand.autoconfigure;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/** Whether a collector for traces is configured and not switched off, by Spring Boot's keys. */
final class TraceEndpoint implements Condition {
    /** The prefixes of the keys in Spring Boot 4 and in Spring Boot 3. */
    private static final List<String> BASES =
            List.of("management.opentelemetry.tracing.export.otlp", "management.otlp.tracing");

    private static final List<String> SWITCHES =
            List.of("management.tracing.export.enabled", "management.tracing.export.otlp.enabled");

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
        Environment environment = context.getEnvironment();
        return base(environment) != null
                && SWITCHES.stream().allMatch(key -> environment.getProperty(key, Boolean.class, true));
    }

    /** The prefix of the collector's keys; null if there is no collector. */
    static @Nullable String base(Environment environment) {
        return BASES.stream()
                .filter(base -> StringUtils.hasText(environment.getProperty(base + ".endpoint")))
                .findFirst()
                .orElse(null);
    }
}
