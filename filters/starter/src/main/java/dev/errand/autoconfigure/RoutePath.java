package dev.errand.autoconfigure;

import dev.errand.operation.OperationCatalogue;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;

/**
 * The path at which agents reach a route: the first pattern of its {@code Path} predicate, without {@code /**} at its
 * end. If the pattern ends in this way and the catalogue has a single endpoint, the result is the path of that endpoint,
 * as far as {@code StripPrefix} and {@code PrefixPath} show it.
 */
final class RoutePath {
    private static final String OPEN = "/**";

    private RoutePath() {}

    /** @param catalogues by the prefix of their operations */
    public static String of(RouteDefinition route, Map<String, OperationCatalogue> catalogues) {
        String pattern = AskedRoutes.pattern(route);
        boolean open = pattern.endsWith(OPEN);
        String prefix = open ? pattern.substring(0, pattern.length() - OPEN.length()) : pattern;
        Optional<String> endpoint = route.getFilters().stream()
                .filter(filter -> "OperationMapping".equals(filter.getName()))
                .findFirst()
                .map(filter -> catalogues.get(RouteRules.prefix(filter)))
                .flatMap(OperationCatalogue::endpoint);
        String path = endpoint.isPresent() && open ? below(prefix, endpoint.get(), route.getFilters()) : prefix;
        return path.isEmpty() ? "/" : path;
    }

    /** The path that an agent uses for the endpoint; the prefix if the filters do not show it. */
    private static String below(String prefix, String endpoint, List<FilterDefinition> filters) {
        String rest = endpoint;
        String before = "";
        for (FilterDefinition filter : filters) {
            String value = filter.getArgs().values().stream().findFirst().orElse("");
            if ("PrefixPath".equals(filter.getName()) && rest.startsWith(value)) {
                rest = rest.substring(value.length());
            } else if ("StripPrefix".equals(filter.getName())) {
                before = first(prefix, value);
            }
        }
        String path = before + rest;
        return path.startsWith(prefix) ? path : prefix;
    }

    /** The first segments of the path, or the whole path if it has fewer. */
    private static String first(String path, String segments) {
        int end = 0;
        try {
            for (int i = Integer.parseInt(segments.strip()); i > 0 && end >= 0; i--) {
                end = path.indexOf('/', end + 1);
            }
        } catch (NumberFormatException e) {
            return path;
        }
        return end < 0 ? path : path.substring(0, end);
    }
}
