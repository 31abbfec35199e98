package dev.errand.autoconfigure;

import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.Resolution;
import dev.errand.operation.RoutedRequest;
import dev.errand.template.Policies;
import dev.errand.web.stage.TriedRoute;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.core.annotation.AnnotationAwareOrderComparator;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;

/**
 * The routes of a configuration that is not running: finds the route of a request, lets its filters rewrite the request as
 * they would before a call is judged, and names its operations. Predicates and filters that need a running gateway are
 * left out. Blocks, so never on an event loop. For one thread.
 */
public final class RouteTrial {
    private final String host;
    private final Policies policies;
    private static final int MOST_TOLD = 8;

    private final List<Tried> routes;

    private record Tried(RouteDefinition definition, TriedRoute route) {}

    private RouteTrial(String host, Policies policies, List<Tried> routes) {
        this.host = host;
        this.policies = policies;
        this.routes = List.copyOf(routes);
    }

    /** The routes of a configuration that was checked and has no fault. */
    public static RouteTrial of(Path directory, Map<String, Object> overrides) {
        ConfigurationCheck.Checked checked = ConfigurationCheck.read(directory, overrides);
        RouteArguments arguments = new RouteArguments();
        List<Tried> routes = checked.routes().stream()
                .filter(RouteDefinition::isEnabled)
                .map(definition -> new Tried(
                        definition,
                        new TriedRoute(arguments.route(rewriting(definition)), RouteHeaders.written(definition))))
                .sorted((a, b) -> AnnotationAwareOrderComparator.INSTANCE.compare(
                        a.route().route(), b.route().route()))
                .toList();
        URI issuer = URI.create(checked.errand().issuer());
        return new RouteTrial(
                String.valueOf(issuer.getAuthority()),
                Objects.requireNonNull(checked.result().policies()),
                routes);
    }

    /** The same route with only the filters that rewrite a request. */
    private static RouteDefinition rewriting(RouteDefinition definition) {
        RouteDefinition copy = new RouteDefinition();
        copy.setId(Objects.requireNonNull(definition.getId()));
        copy.setUri(Objects.requireNonNull(definition.getUri()));
        copy.setOrder(definition.getOrder());
        copy.setPredicates(definition.getPredicates());
        copy.setFilters(definition.getFilters().stream()
                .filter(filter -> RouteArguments.REWRITING.contains(filter.getName()))
                .toList());
        return copy;
    }

    /**
     * Names the operations of a request.
     *
     * @param method in upper case
     * @param target path and query as the client sends them
     * @param headers the header fields; without {@code Host} that of the issuer counts
     */
    public RoutedRequest route(String method, String target, Map<String, List<String>> headers, byte[] body) {
        HttpHeaders fields = new HttpHeaders();
        headers.forEach(fields::addAll);
        if (!fields.containsHeader(HttpHeaders.HOST)) {
            fields.add(HttpHeaders.HOST, host);
        }
        URI uri;
        try {
            uri = URI.create("http://" + fields.getFirst(HttpHeaders.HOST) + target);
        } catch (IllegalArgumentException e) {
            return new RoutedRequest(null, new Resolution.Malformed("the target has a character that no URL may have"));
        }
        HttpMethod verb = HttpMethod.valueOf(method);
        for (Tried tried : routes) {
            if (tried.route().takes(verb, uri, fields)) {
                OperationCatalogue catalogue = catalogue(tried.definition());
                return catalogue == null
                        ? RoutedRequest.unserved(
                                "the route '" + tried.definition().getId() + "' takes " + method + ' ' + target
                                        + ", and it has no OperationMapping: nobody judges its calls")
                        : new RoutedRequest(catalogue, tried.route().name(catalogue, verb, target, uri, fields, body));
            }
        }
        return RoutedRequest.unserved("no route of application.yaml takes " + method + ' ' + target + "; routes take "
                + routes.stream()
                        .map(tried -> AskedRoutes.pattern(tried.definition()))
                        .limit(MOST_TOLD)
                        .collect(Collectors.joining(", ")));
    }

    /** The catalogue that names the operations of a route; null if none does. */
    private @Nullable OperationCatalogue catalogue(RouteDefinition route) {
        for (FilterDefinition filter : route.getFilters()) {
            if ("OperationMapping".equals(filter.getName())) {
                return policies.catalogue(RouteRules.prefix(filter));
            }
        }
        return null;
    }
}
