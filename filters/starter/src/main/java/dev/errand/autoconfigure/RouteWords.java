package dev.errand.autoconfigure;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.cloud.gateway.handler.predicate.RoutePredicateFactory;
import org.springframework.cloud.gateway.support.NameUtils;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AssignableTypeFilter;
import org.springframework.util.ClassUtils;

/** The filters and predicates that a route may name: those of Spring Cloud Gateway and ours. */
final class RouteWords {
    private static final String GATEWAY = "org.springframework.cloud.gateway";
    /** The filters by name. Searched once: a process's class path does not change. */
    private static final Map<String, Class<?>> FILTERS = named(
            GatewayFilterFactory.class,
            type -> NameUtils.normalizeFilterFactoryName(type.asSubclass(GatewayFilterFactory.class)));

    private static final Map<String, Class<?>> PREDICATES = named(
            RoutePredicateFactory.class,
            type -> NameUtils.normalizeRoutePredicateName(type.asSubclass(RoutePredicateFactory.class)));

    private RouteWords() {}

    /** The names of all filters. */
    public static Set<String> filters() {
        return FILTERS.keySet();
    }

    /** The names of all predicates. */
    public static Set<String> predicates() {
        return PREDICATES.keySet();
    }

    /** The factory class of the filter of that name; null for an unknown one. */
    static @Nullable Class<?> filter(String name) {
        return FILTERS.get(name);
    }

    /** The factory class of the predicate of that name; null for an unknown one. */
    static @Nullable Class<?> predicate(String name) {
        return PREDICATES.get(name);
    }

    private static Map<String, Class<?>> named(Class<?> type, Function<Class<?>, String> name) {
        ClassPathScanningCandidateComponentProvider scan = new ClassPathScanningCandidateComponentProvider(false);
        scan.addIncludeFilter(new AssignableTypeFilter(type));
        Map<String, Class<?>> named = new TreeMap<>();
        for (String root : new String[] {GATEWAY, "dev.errand.web"}) {
            scan.findCandidateComponents(root).forEach(found -> {
                Class<?> factory = ClassUtils.resolveClassName(
                        String.valueOf(found.getBeanClassName()), RouteWords.class.getClassLoader());
                named.put(name.apply(factory), factory);
            });
        }
        return Collections.unmodifiableMap(named);
    }
}
