package dev.errand.autoconfigure.check;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.cloud.gateway.handler.predicate.RoutePredicateFactory;
import org.springframework.cloud.gateway.support.NameUtils;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AssignableTypeFilter;
import org.springframework.util.ClassUtils;

/** The filters and predicates that a route may name: those of Spring Cloud Gateway and ours. */
public final class RouteWords {
    private static final String GATEWAY = "org.springframework.cloud.gateway";
    /** Looked for once: the class path of a process does not change. */
    private static final Set<String> FILTERS = names(
            GatewayFilterFactory.class,
            type -> NameUtils.normalizeFilterFactoryName(type.asSubclass(GatewayFilterFactory.class)));

    private static final Set<String> PREDICATES = names(
            RoutePredicateFactory.class,
            type -> NameUtils.normalizeRoutePredicateName(type.asSubclass(RoutePredicateFactory.class)));

    private RouteWords() {}

    /** The names of all filters. */
    public static Set<String> filters() {
        return FILTERS;
    }

    /** The names of all predicates. */
    public static Set<String> predicates() {
        return PREDICATES;
    }

    private static Set<String> names(Class<?> type, Function<Class<?>, String> name) {
        ClassPathScanningCandidateComponentProvider scan = new ClassPathScanningCandidateComponentProvider(false);
        scan.addIncludeFilter(new AssignableTypeFilter(type));
        Set<String> names = new TreeSet<>();
        for (String root : new String[] {GATEWAY, "dev.errand.web"}) {
            scan.findCandidateComponents(root).forEach(found -> {
                Class<?> factory = ClassUtils.resolveClassName(
                        String.valueOf(found.getBeanClassName()), RouteWords.class.getClassLoader());
                names.add(name.apply(factory));
            });
        }
        return Collections.unmodifiableSet(names);
    }
}
