package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.config.Faults;
import dev.errand.policy.GoverningPolicies;
import dev.errand.policy.LivePolicies;
import dev.errand.policy.Policies;
import dev.errand.policy.PolicyFiles;
import dev.errand.policy.PolicyWatcher;
import dev.errand.policy.StoredPolicies;
import dev.errand.sequence.SequenceCompiler;
import dev.errand.state.StartStore;
import dev.errand.task.template.SequencePlans;
import dev.errand.task.template.TemplateParser;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Catalogues, templates and routes: loaded whole or not at all. */
@Configuration(proxyBeanMethods = false)
class PolicyConfiguration {
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    @Bean
    TemplateParser errandTemplateParser(HttpClientProperties client) {
        Duration timeout = client.getResponseTimeout();
        return new TemplateParser(
                new SequencePlans(timeout == null ? SequenceCompiler.DEFAULT_RESPONSE_TIMEOUT : timeout));
    }

    @Bean
    PolicyFiles errandPolicyFiles(ErrandProperties properties, GatewayProperties gateway, TemplateParser parser) {
        List<FilterDefinition> defaults = gateway.getDefaultFilters();
        gateway.getRoutes().forEach(route -> RouteRules.withDefaults(route, defaults));
        gateway.setDefaultFilters(List.of());
        Map<String, String> prefixes = RouteRules.prefixes(gateway.getRoutes());
        return new PolicyFiles(properties.directory(), prefixes, parser);
    }

    @Bean
    LivePolicies errandPolicies(
            PolicyFiles files,
            ErrandProperties properties,
            GatewayProperties gateway,
            Environment environment,
            MeterRegistry registry) {
        Faults faults = new Faults();
        Policies first = files.load(faults);
        if (!faults.isEmpty()) {
            throw new ConfigurationException(faults.list());
        }
        Set<Integer> ownPorts = new HashSet<>();
        ownPorts.add(environment.getProperty("management.server.port", Integer.class, -2));
        List<RouteDefinition> routes = gateway.getRoutes();
        List<RouteRules.RouteFault> wrong = new RouteRules(
                        first.catalogues().keySet(), properties.upstreams().keySet(), ownPorts)
                .check(routes);
        if (!wrong.isEmpty()) {
            throw new ConfigurationException(
                    RoutePositions.of(properties.directory()).locate(wrong));
        }
        LivePolicies live = new LivePolicies(first);
        Gauge.builder("errand.configuration.current", live, l -> l.report().isCurrent() ? 1 : 0)
                .description("1 while the files hold what runs, 0 after a refused reload")
                .register(registry);
        return live;
    }

    @Bean
    StoredPolicies errandStoredPolicies(
            LivePolicies live, StartStore starts, TemplateParser parser, ErrandProperties properties) {
        boolean observe = properties.mode() == ErrandProperties.Mode.OBSERVE;
        return new StoredPolicies(() -> live.current().templates().values(), starts, parser, observe);
    }

    @Bean
    GoverningPolicies errandGoverningPolicies(
            ErrandProperties properties, LivePolicies live, StoredPolicies revisions, StartStore starts) {
        Map<String, Set<String>> anchorTemplates = properties.trust().anchors().stream()
                .collect(Collectors.toMap(ErrandProperties.Anchor::issuer, anchor -> Set.copyOf(anchor.templates())));
        return new GoverningPolicies(properties.issuer(), anchorTemplates, live, revisions, starts);
    }

    @Bean(destroyMethod = "close")
    PolicyWatcher errandPolicyWatcher(PolicyFiles files, LivePolicies live) {
        PolicyWatcher watcher = new PolicyWatcher(files, live);
        watcher.start(LOOK_EVERY);
        return watcher;
    }
}
