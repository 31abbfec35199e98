package dev.errand.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.web.server.Ssl;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;

/**
 * What {@code application.yaml} says after Spring has read it. The command line and the environment win over the file,
 * and the file wins over the gateway's own defaults. Placeholders are filled in. Read once; immutable to its callers.
 */
final class ApplicationSettings {
    private static final ConfigurationPropertyName ERRAND = ConfigurationPropertyName.of("errand");
    private static final String OVERRIDES = "overrides";

    /** The keys that a running gateway reads again when the file changes. */
    private static final List<String> RELOADED = List.of(
            RoutePositions.ROUTES,
            RoutePositions.DEFAULT_FILTERS,
            "errand.keys",
            "errand.credential-keys",
            "errand.trust.humans",
            "errand.trust.workloads",
            "errand.trust.anchors",
            "errand.upstreams");

    private final StandardEnvironment environment = new StandardEnvironment();
    private final Set<String> written = new TreeSet<>();

    /** Reads the file, which must be valid YAML. */
    ApplicationSettings(Path directory, Map<String, Object> overrides) {
        Map<String, Object> first = new TreeMap<>(overrides);
        first.put("errand.directory", directory.toAbsolutePath().normalize().toString());
        first.putIfAbsent("spring.config.location", "classpath:/,file:" + first.get("errand.directory") + "/");
        environment.getPropertySources().addFirst(ClaimNames.bracketed(new MapPropertySource(OVERRIDES, first)));
        add(new FileSystemResource(directory.resolve(SpringYaml.FILE)), true);
        add(new ClassPathResource(SpringYaml.FILE), false);
        ConfigurationPropertySources.attach(environment);
    }

    private void add(Resource resource, boolean own) {
        if (!resource.exists()) {
            return;
        }
        try {
            for (PropertySource<?> read : new YamlPropertySourceLoader().load(resource.getDescription(), resource)) {
                PropertySource<?> source = ClaimNames.bracketed(read);
                environment.getPropertySources().addLast(source);
                if (own && source instanceof EnumerablePropertySource<?> keys) {
                    written.addAll(List.of(keys.getPropertyNames()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the key has a value from any source. */
    boolean has(String key) {
        return environment.containsProperty(key);
    }

    @Nullable String get(String key) {
        return environment.getProperty(key);
    }

    <T> T get(String key, Class<T> type, T fallback) {
        return Binder.get(environment).bind(key, type).orElse(fallback);
    }

    /**
     * What a gateway that starts here reads under {@code errand}: the command line and every file, also those of profiles. The
     * variables and properties of the process may be meant for others, and Spring asks nothing of their names.
     */
    List<ConfigurationProperty> sources() {
        StandardEnvironment all = new StandardEnvironment();
        MutablePropertySources sources = all.getPropertySources();
        sources.addFirst(Objects.requireNonNull(environment.getPropertySources().get(OVERRIDES)));
        try {
            ConfigDataEnvironmentPostProcessor.applyTo(all);
        } catch (RuntimeException toldAtStart) {
            // A file that cannot be read is no unknown key.
        }
        sources.remove(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
        sources.remove(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME);
        List<ConfigurationProperty> properties = new ArrayList<>();
        for (ConfigurationPropertySource source : ConfigurationPropertySources.from(sources)) {
            if (source instanceof IterableConfigurationPropertySource names) {
                names.stream()
                        .filter(ERRAND::isAncestorOf)
                        .map(source::getConfigurationProperty)
                        .filter(Objects::nonNull)
                        .forEach(properties::add);
            }
        }
        return properties;
    }

    /** TLS of the traffic port; null if no key speaks of it. */
    @Nullable Ssl ssl() {
        return PortAddress.ssl(environment, PortAddress.TRAFFIC);
    }

    /** Whether TLS of the operators' port is switched off beside a certificate for it. */
    boolean hasDisabledOperatorTls() {
        Ssl ssl = PortAddress.ssl(environment, PortAddress.OPERATOR);
        return ssl != null
                && !ssl.isEnabled()
                && Stream.of(ssl.getBundle(), ssl.getKeyStore(), ssl.getCertificate())
                        .anyMatch(Objects::nonNull);
    }

    ErrandProperties errand() {
        return Binder.get(environment).bindOrCreate("errand", ErrandProperties.class);
    }

    /**
     * What {@code errand} holds without these keys; null where that cannot be read.
     *
     * @param spared the keys, or null where something that cannot be spared has a fault
     */
    @Nullable ErrandProperties errand(@Nullable Set<String> spared) {
        if (spared == null || !has("errand.issuer")) {
            return null;
        }
        Set<ConfigurationPropertyName> without = spared.stream()
                .map(key -> ConfigurationPropertyName.adapt(key, '.'))
                .collect(Collectors.toSet());
        List<ConfigurationPropertySource> sources = new ArrayList<>();
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            sources.add(source.filter(
                    name -> without.stream().noneMatch(key -> key.equals(name) || key.isAncestorOf(name))));
        }
        try {
            return new Binder(sources, new PropertySourcesPlaceholdersResolver(environment))
                    .bindOrCreate("errand", ErrandProperties.class);
        } catch (RuntimeException told) {
            return null;
        }
    }

    /** The routes, each with the default filters that it does not name itself. */
    List<RouteDefinition> routes() {
        Binder binder = Binder.get(environment);
        List<FilterDefinition> defaults = binder.bind(
                        RoutePositions.DEFAULT_FILTERS, Bindable.listOf(FilterDefinition.class))
                .orElse(List.of());
        List<RouteDefinition> routes =
                new ArrayList<>(binder.bind(RoutePositions.ROUTES, Bindable.listOf(RouteDefinition.class))
                        .orElse(List.of()));
        routes.forEach(route -> RouteRules.withDefaults(route, defaults));
        return routes;
    }

    /** The names under {@code errand.upstreams}, whatever their values are; without any, the names that routes use. */
    Set<String> upstreams(List<RouteDefinition> routes) {
        try {
            Set<String> names = Binder.get(environment)
                    .bind("errand.upstreams", Bindable.mapOf(String.class, Object.class))
                    .orElse(Map.of())
                    .keySet();
            if (!names.isEmpty()) {
                return names;
            }
        } catch (BindException noMapping) {
            // The binding of the whole of errand reports this fault at its place.
        }
        return routes.stream()
                .flatMap(route -> route.getFilters().stream())
                .filter(filter -> "UpstreamCredential".equals(filter.getName()))
                .map(RouteRules::first)
                .collect(Collectors.toSet());
    }

    /** The keys that have another value there, and that are read at start only. */
    List<String> restartNeeded(ApplicationSettings other) {
        TreeSet<String> keys = new TreeSet<>(written);
        keys.addAll(other.written);
        keys.removeIf(key -> RELOADED.stream().anyMatch(key::startsWith) || Objects.equals(get(key), other.get(key)));
        if (!domain().equals(other.domain())) {
            keys.add("errand.trust-domain");
        }
        return List.copyOf(keys);
    }

    /**
     * The own trust domain. If it is left out, it is that of the only workloads entry, and so changes with that entry.
     */
    private String domain() {
        return errand().domain();
    }
}
