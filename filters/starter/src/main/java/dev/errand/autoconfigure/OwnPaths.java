package dev.errand.autoconfigure;

import dev.errand.autoconfigure.RouteRules.RouteFault;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.util.AntPathMatcher;

/**
 * The paths of the traffic port where agents, people and identity providers are answered. A route of such a path would get what is
 * meant for the gateway, or nothing at all. A route of all paths is none of them: the gateway answers first.
 *
 * @param paths each a whole path, or with a slash at its end the beginning of paths
 */
record OwnPaths(List<String> paths) {
    private static final String APPROVALS = "/approvals";
    private static final List<String> OWN =
            List.of("/oauth2/", "/.well-known/", "/problems/", APPROVALS, "/start", "/errands");
    private static final Pattern NAMED = Pattern.compile("/[^/*?{}]+(/.*)?");

    /** @param properties null if they cannot be read */
    static OwnPaths of(@Nullable ErrandProperties properties) {
        List<String> paths = new ArrayList<>(OWN);
        if (properties != null) {
            properties.trust().humans().forEach(human -> {
                if (human.events() != null && human.events().receiver() != null) {
                    paths.add(human.events().receiver());
                }
            });
        }
        return new OwnPaths(paths);
    }

    /** The faults: routes that one of these paths matches. */
    List<RouteFault> check(List<RouteDefinition> routes) {
        return routes.stream()
                .flatMap(route -> paths.stream()
                        .filter(path -> patterns(route).anyMatch(pattern -> takes(pattern, path)))
                        .map(path -> new RouteFault(
                                String.valueOf(route.getId()),
                                "takes " + path + ", which the gateway answers itself: choose another path")))
                .toList();
    }

    /** Whether a route of the pattern takes one of these paths. The page of one approval lies below that of all. */
    static boolean takes(String pattern, String path) {
        boolean below = path.endsWith("/") || path.equals(APPROVALS);
        return below && pattern.startsWith(path.replaceFirst("/?$", "/")) || new AntPathMatcher().match(pattern, path);
    }

    private static Stream<String> patterns(RouteDefinition route) {
        return route.getPredicates().stream()
                .filter(predicate -> "Path".equals(predicate.getName()))
                .map(PredicateDefinition::getArgs)
                .flatMap(arguments -> arguments.values().stream())
                .filter(value -> NAMED.matcher(value).matches());
    }
}
