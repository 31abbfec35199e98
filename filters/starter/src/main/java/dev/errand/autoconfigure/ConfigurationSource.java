package dev.errand.autoconfigure;

import dev.errand.config.Fault;
import dev.errand.config.Faults;
import dev.errand.template.Policies;
import dev.errand.template.PolicyFiles;
import dev.errand.template.TemplateParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * Reads the configuration of a running gateway, at start and at each reload, as {@code errand check} does. If the
 * directory has no {@code application.yaml}, routes and {@code errand} stay as Spring read them at start, and only
 * catalogues and templates are read again. Reads files; for one thread.
 */
final class ConfigurationSource {
    private final ErrandProperties properties;
    private final TemplateParser parser;
    private final int managementPort;
    private final String managementAddress;
    private final Map<String, Object> overrides;
    private final List<RouteDefinition> routes;

    ConfigurationSource(
            ErrandProperties properties,
            GatewayProperties gateway,
            TemplateParser parser,
            Duration responseTimeout,
            ConfigurableEnvironment environment) {
        this.properties = properties;
        this.parser = parser;
        this.managementPort = environment.getProperty("management.server.port", Integer.class, -2);
        this.managementAddress = environment.getProperty("management.server.address", "");
        this.overrides = overrides(environment);
        // Routes that say nothing wait as long as the running HTTP client does. A changed timeout needs a restart.
        this.overrides.put(ConfigurationCheck.RESPONSE_TIMEOUT, responseTimeout.toMillis() + "ms");
        List<FilterDefinition> defaults = gateway.getDefaultFilters();
        this.routes = gateway.getRoutes().stream()
                .map(route -> RouteRules.withDefaults(route, defaults))
                .toList();
        // The routes are compiled here, with their revision, so Spring Cloud Gateway must not compile them again.
        gateway.setRoutes(new ArrayList<>());
        gateway.setDefaultFilters(new ArrayList<>());
    }

    /**
     * The properties that win over the file, such as those of the command line, without the process's own properties
     * and variables.
     */
    private static Map<String, Object> overrides(ConfigurableEnvironment environment) {
        Map<String, Object> overrides = new HashMap<>();
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (source.getName().startsWith("Config resource")) {
                break;
            }
            boolean process = source.getName().equals(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME)
                    || source.getName().equals(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
            if (!process && source instanceof EnumerablePropertySource<?> known) {
                for (String name : known.getPropertyNames()) {
                    Object value = known.getProperty(name);
                    if (value != null) {
                        overrides.putIfAbsent(name, value);
                    }
                }
            }
        }
        return overrides;
    }

    /** Reads the configuration as it is now, with every fault. */
    ConfigurationCheck.Checked read() {
        Path directory = properties.directory();
        if (Files.exists(directory.resolve(SpringYaml.FILE))) {
            return ConfigurationCheck.read(directory, overrides);
        }
        Faults faults = new Faults();
        Policies policies = new PolicyFiles(directory, RouteRules.prefixes(routes), parser).load(faults);
        List<Fault> all = new ArrayList<>(faults.list());
        all.addAll(new RoutePositions(null)
                .locate(new RouteRules(
                                policies.catalogues().keySet(),
                                properties.upstreams().keySet(),
                                Set.of(managementPort),
                                managementAddress)
                        .check(routes)));
        List<String> ids = routes.stream().map(RouteDefinition::getId).toList();
        return new ConfigurationCheck.Checked(
                new ConfigurationCheck.Result(all, faults.warnings(), ids, policies), null, null, properties, routes);
    }
}
