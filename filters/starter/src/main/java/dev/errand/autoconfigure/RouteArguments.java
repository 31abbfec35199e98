package dev.errand.autoconfigure;

import dev.errand.autoconfigure.RouteRules.RouteFault;
import dev.errand.json.DidYouMean;
import dev.errand.web.ExactStripPrefix;
import java.beans.PropertyDescriptor;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanUtils;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.webflux.autoconfigure.WebFluxProperties;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.handler.predicate.RoutePredicateFactory;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.cloud.gateway.route.RouteDefinitionRouteLocator;
import org.springframework.cloud.gateway.support.Configurable;
import org.springframework.cloud.gateway.support.ConfigurationService;
import org.springframework.cloud.gateway.support.NameUtils;
import org.springframework.cloud.gateway.support.ShortcutConfigurable;
import org.springframework.cloud.gateway.support.StringToZonedDateTimeConverter;
import org.springframework.cloud.gateway.support.config.KeyValueConverter;
import org.springframework.core.convert.ConversionService;
import org.springframework.validation.Errors;
import org.springframework.validation.Validator;
import reactor.core.publisher.Flux;

/**
 * Reads the values of filters and predicates as Spring Cloud Gateway does when it makes a route, but without a running
 * gateway: {@code errand check} already reports {@code StripPrefix=one}. Values that only a running gateway can judge
 * are not checked. For one thread.
 */
final class RouteArguments {
    /** Accepts everything: validation by annotations needs a bean, so it is done at start. */
    private static final Validator NOTHING_MORE = new Validator() {
        @Override
        public boolean supports(Class<?> type) {
            return true;
        }

        @Override
        public void validate(Object target, Errors errors) {}
    };

    /** The filters that change what a request means, and need no running gateway. */
    static final Set<String> REWRITING = Set.of(
            "StripPrefix",
            "PrefixPath",
            "RewritePath",
            "SetPath",
            "AddRequestParameter",
            "RemoveRequestParameter",
            "RewriteRequestParameter",
            "AddRequestHeader",
            "AddRequestHeadersIfNotPresent",
            "SetRequestHeader",
            "MapRequestHeader",
            "RemoveRequestHeader");

    private static final ConversionService CONVERSIONS = conversions();

    private final ConfigurationService reader =
            new ConfigurationService(new StaticListableBeanFactory(), () -> CONVERSIONS, () -> NOTHING_MORE);
    private final Map<Class<?>, @Nullable Object> factories = new HashMap<>();

    /** The conversions that a running gateway has. */
    private static ConversionService conversions() {
        ApplicationConversionService conversions = new ApplicationConversionService();
        conversions.addConverter(new StringToZonedDateTimeConverter());
        conversions.addConverter(new KeyValueConverter());
        return conversions;
    }

    /** Finds every fault of every route. The routes already have their default filters. */
    public List<RouteFault> check(List<RouteDefinition> routes) {
        List<RouteFault> faults = new ArrayList<>();
        for (RouteDefinition route : routes) {
            String id = String.valueOf(route.getId());
            for (PredicateDefinition predicate : route.getPredicates()) {
                String name = String.valueOf(predicate.getName());
                check(id, name, predicate.getArgs(), RouteWords.predicate(name), faults);
            }
            for (FilterDefinition filter : route.getFilters()) {
                String name = String.valueOf(filter.getName());
                check(id, name, filter.getArgs(), RouteWords.filter(name), faults);
            }
        }
        return faults;
    }

    private void check(
            String route,
            String name,
            Map<String, String> arguments,
            @Nullable Class<?> type,
            List<RouteFault> faults) {
        // Another check refuses SpEL. It must not be evaluated here.
        boolean expression = arguments.values().stream().anyMatch(value -> value != null && value.contains("#{"));
        if (type == null || expression) {
            return;
        }
        try {
            Object factory = factories.computeIfAbsent(type, RouteArguments::instance);
            if (factory instanceof ShortcutConfigurable shortcuts && factory instanceof Configurable<?> configurable) {
                String stranger = stranger(arguments, shortcuts, configurable.getConfigClass());
                if (stranger != null) {
                    faults.add(new RouteFault(route, name + stranger));
                } else {
                    make(factory, name, arguments);
                }
            }
        } catch (NullPointerException | IllegalStateException | LinkageError e) {
            // The factory needs a running gateway, or a library that is not there.
        } catch (RuntimeException e) {
            faults.add(new RouteFault(route, name + " cannot be made: " + cause(e)));
        }
    }

    private void make(Object factory, String name, Map<String, String> arguments) {
        if (factory instanceof GatewayFilterFactory<?> filter) {
            make(filter, name, arguments);
        } else if (factory instanceof RoutePredicateFactory<?> predicate) {
            make(predicate, name, arguments);
        }
    }

    private <C> void make(GatewayFilterFactory<C> factory, String name, Map<String, String> arguments) {
        C config = this.<C, GatewayFilterFactory<C>>read(factory, name, arguments);
        factory.apply(config);
    }

    private <C> void make(RoutePredicateFactory<C> factory, String name, Map<String, String> arguments) {
        C config = this.<C, RoutePredicateFactory<C>>read(factory, name, arguments);
        factory.applyAsync(config);
    }

    private <C, F extends Configurable<C> & ShortcutConfigurable> C read(
            F factory, String name, Map<String, String> arguments) {
        return reader.<C, F>with(factory).name(name).properties(arguments).bind();
    }

    /**
     * The fault of a name or of the number of values, as the end of a sentence; null if there is none. Our own filters
     * take only the names that they declare. Spring Cloud Gateway's filters ignore unknown names, so for them only a
     * misspelt name is a fault.
     */
    private static @Nullable String stranger(
            Map<String, String> arguments, ShortcutConfigurable shortcuts, Class<?> config) {
        TreeSet<String> known = new TreeSet<>(shortcuts.shortcutFieldOrder());
        for (PropertyDescriptor property : BeanUtils.getPropertyDescriptors(config)) {
            if (!property.getName().equals("class") && !property.getName().equals("routeId")) {
                known.add(property.getName());
            }
        }
        boolean ours = shortcuts.getClass().getName().startsWith("dev.errand.");
        boolean inOrder = ours && shortcuts.shortcutType() == ShortcutConfigurable.ShortcutType.DEFAULT;
        int unnamed = 0;
        for (String key : arguments.keySet()) {
            if (key.startsWith(NameUtils.GENERATED_NAME_PREFIX)) {
                unnamed++;
            } else if (known.stream().noneMatch(name -> plain(name).equals(plain(key.replaceFirst("[.\\[].*", ""))))
                    && (ours || DidYouMean.nearest(key, known) != null)) {
                return ": unknown key '" + key + "'" + DidYouMean.hint(key, known);
            }
        }
        int taken = shortcuts.shortcutFieldOrder().size();
        if (!inOrder || unnamed <= taken) {
            return null;
        }
        return taken == 0
                ? ": takes no value"
                : ": takes " + (taken == 1 ? "one value" : "at most " + taken + " values") + ", found " + unnamed;
    }

    /** The route of a definition whose filters are all of {@link #REWRITING}. */
    Route route(RouteDefinition definition) {
        List<RoutePredicateFactory> predicates = definition.getPredicates().stream()
                .map(predicate -> (RoutePredicateFactory)
                        factory(Objects.requireNonNull(RouteWords.predicate(String.valueOf(predicate.getName())))))
                .distinct()
                .toList();
        List<GatewayFilterFactory> filters = definition.getFilters().stream()
                .map(filter -> "StripPrefix".equals(filter.getName())
                        ? new ExactStripPrefix()
                        : (GatewayFilterFactory)
                                factory(Objects.requireNonNull(RouteWords.filter(String.valueOf(filter.getName())))))
                .distinct()
                .toList();
        return Objects.requireNonNull(new RouteDefinitionRouteLocator(
                        () -> Flux.just(definition), predicates, filters, new GatewayProperties(), reader)
                .getRoutes()
                .blockFirst());
    }

    private Object factory(Class<?> type) {
        return Objects.requireNonNull(factories.computeIfAbsent(type, RouteArguments::instance), type::getName);
    }

    private static String plain(String name) {
        return name.replace("-", "").toLowerCase(Locale.ROOT);
    }

    /**
     * A factory without its injected dependencies, which are not needed to read its values; null if it cannot be made.
     */
    private static @Nullable Object instance(Class<?> type) {
        return Arrays.stream(type.getDeclaredConstructors())
                .min(Comparator.comparingInt(Constructor::getParameterCount))
                .map(RouteArguments::instance)
                .orElse(null);
    }

    private static @Nullable Object instance(Constructor<?> constructor) {
        try {
            constructor.setAccessible(true);
            Class<?>[] types = constructor.getParameterTypes();
            Object[] given = new Object[types.length];
            for (int i = 0; i < types.length; i++) {
                if (types[i] == boolean.class) {
                    given[i] = Boolean.FALSE;
                } else if (types[i] == WebFluxProperties.class) {
                    given[i] = new WebFluxProperties();
                }
            }
            return constructor.newInstance(given);
        } catch (InstantiationException | IllegalAccessException | InvocationTargetException e) {
            return null;
        } catch (RuntimeException needsWhatItIsGiven) {
            return null;
        }
    }

    private static String cause(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    }
}
