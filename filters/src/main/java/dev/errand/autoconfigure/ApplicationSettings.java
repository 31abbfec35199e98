package dev.errand.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;

/**
 * What {@code application.yaml} says once Spring has read it: under the command line and the environment, over the
 * gateway's own defaults, placeholders filled in. Read once; immutable to its callers.
 */
final class ApplicationSettings {
    static final String ROUTES = "spring.cloud.gateway.server.webflux.routes";
    static final String DEFAULT_FILTERS = "spring.cloud.gateway.server.webflux.default-filters";

    private final StandardEnvironment environment = new StandardEnvironment();
    private final Map<String, String> written = new TreeMap<>();

    /** Reads the file, which must be good YAML. */
    ApplicationSettings(Path directory, Map<String, Object> overrides) {
        Map<String, Object> first = new TreeMap<>(overrides);
        first.put("errand.directory", directory.toAbsolutePath().normalize().toString());
        environment.getPropertySources().addFirst(new MapPropertySource("overrides", first));
        add(new FileSystemResource(directory.resolve(SpringYaml.FILE)), true);
        add(new ClassPathResource(SpringYaml.FILE), false);
        ConfigurationPropertySources.attach(environment);
    }

    private void add(Resource resource, boolean own) {
        if (!resource.exists()) {
            return;
        }
        try {
            for (PropertySource<?> source : new YamlPropertySourceLoader().load(resource.getDescription(), resource)) {
                environment.getPropertySources().addLast(source);
                if (own && source instanceof EnumerablePropertySource<?> keys) {
                    for (String key : keys.getPropertyNames()) {
                        written.put(key, String.valueOf(source.getProperty(key)));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the key is given anywhere. */
    boolean has(String key) {
        return environment.containsProperty(key);
    }

    @Nullable String get(String key) {
        return environment.getProperty(key);
    }

    <T> T get(String key, Class<T> type, T fallback) {
        return Binder.get(environment).bind(key, type).orElse(fallback);
    }

    ErrandProperties errand() {
        return Binder.get(environment).bindOrCreate("errand", ErrandProperties.class);
    }

    /** The routes, each with the default filters that it does not name itself. */
    List<RouteDefinition> routes() {
        Binder binder = Binder.get(environment);
        List<FilterDefinition> defaults = binder.bind(DEFAULT_FILTERS, Bindable.listOf(FilterDefinition.class))
                .orElse(List.of());
        List<RouteDefinition> routes = new ArrayList<>(
                binder.bind(ROUTES, Bindable.listOf(RouteDefinition.class)).orElse(List.of()));
        routes.forEach(route -> RouteRules.withDefaults(route, defaults));
        return routes;
    }

    /** The keys of the file, outside the routes, whose values differ from the other's. */
    List<String> changedBeyondRoutes(ApplicationSettings other) {
        TreeSet<String> keys = new TreeSet<>(written.keySet());
        keys.addAll(other.written.keySet());
        keys.removeIf(key -> key.startsWith(ROUTES)
                || key.startsWith(DEFAULT_FILTERS)
                || String.valueOf(written.get(key)).equals(String.valueOf(other.written.get(key))));
        return List.copyOf(keys);
    }
}
