package dev.errand.autoconfigure;

import dev.errand.template.Policies;
import dev.errand.web.GivenRoutes;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;

/**
 * What another gateway must know to ask about the requests of these routes. Immutable.
 *
 * @param routes in the order in which they are tried
 * @param service where decisions are asked for
 * @param traffic the URL of the traffic port
 * @param stays the prefixes of paths that the traffic port serves itself
 */
public record AskedRoutes(List<One> routes, DecisionServiceProperties service, String traffic, List<String> stays) {
    /** The key of a route's metadata for the upstream of a route without a {@code uri} of its own. */
    private static final String UPSTREAM = "errand-upstream";

    /** The key of a route's metadata that says {@code stream} if bodies pass without a decision about them. */
    static final String BODY = "errand-body";

    /** The key of a route's metadata that says {@code authz} if a gateway asks by {@code ext_authz}. */
    static final String DOOR = "errand-door";

    private static final String WILD = "*{?";

    /**
     * A route.
     *
     * @param prefix the path with which its requests begin
     * @param whole whether the prefix ends at a segment
     * @param upstream where the gateway sends its requests
     * @param authority the {@code :authority} that the gateway writes; null if it writes none
     * @param streams whether bodies pass without a decision about them
     */
    public record One(
            String id,
            String prefix,
            boolean whole,
            String cluster,
            URI upstream,
            @Nullable String authority,
            boolean streams) {}

    /** The routes of a configuration without faults; an {@link IllegalArgumentException} if one cannot be told. */
    public static AskedRoutes read(Path directory, Map<String, Object> overrides, List<String> ids) {
        ApplicationSettings settings = new ApplicationSettings(directory, overrides);
        ErrandProperties errand = settings.errand();
        List<String> missing = new ArrayList<>(ids);
        List<One> routes = new ArrayList<>();
        for (RouteDefinition route : settings.routes()) {
            if ((ids.isEmpty() ? RouteRules.isForGateways(route) : ids.contains(route.getId())) && route.isEnabled()) {
                missing.remove(route.getId());
                routes.add(one(route));
            }
        }
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException("there is no route '" + missing.get(0) + "'");
        }
        if (routes.isEmpty()) {
            throw new IllegalArgumentException("no route names its cluster at the other gateway: write metadata: {"
                    + GivenRoutes.CLUSTER + ": NAME}");
        }
        if (errand.decisionService().listen() == null) {
            throw new IllegalArgumentException("errand.decision-service.listen is missing: nobody would answer");
        }
        String address = settings.get("server.address");
        boolean any = address == null || address.equals("0.0.0.0") || address.equals("::");
        String traffic = PortAddress.scheme(settings.ssl()) + "://" + (any ? "127.0.0.1" : address) + ":"
                + settings.get("server.port");
        return new AskedRoutes(routes, errand.decisionService(), traffic, stays(errand));
    }

    /** The prefixes of what the traffic port serves itself: endpoints, pages, and where providers send security events. */
    public static List<String> stays(ErrandProperties errand) {
        return List.copyOf(OwnPaths.of(errand).paths());
    }

    /** What {@code errand check} says of these routes, of a configuration without faults. */
    public static List<String> notes(Path directory, Map<String, Object> overrides, Policies policies) {
        return AskedRules.notes(new ApplicationSettings(directory, overrides).routes(), policies);
    }

    private static One one(RouteDefinition route) {
        Map<String, Object> metadata = route.getMetadata();
        Object cluster = metadata.get(GivenRoutes.CLUSTER);
        Object upstream = metadata.get(UPSTREAM);
        if (cluster == null) {
            throw new IllegalArgumentException("route '" + route.getId() + "' lacks metadata: {" + GivenRoutes.CLUSTER
                    + ": NAME}, the cluster of the other gateway");
        }
        URI uri = upstream == null ? route.getUri() : URI.create(String.valueOf(upstream));
        if (uri == null || !String.valueOf(uri.getScheme()).startsWith("http") || uri.getHost() == null) {
            throw new IllegalArgumentException("route '" + route.getId() + "' has no upstream: write metadata: {"
                    + UPSTREAM + ": \"https://host:port\"}");
        }
        String pattern = pattern(route);
        boolean whole = pattern.endsWith("/**");
        String literal = whole ? pattern.substring(0, pattern.length() - 3) : pattern;
        int wild = 0;
        while (wild < literal.length() && WILD.indexOf(literal.charAt(wild)) < 0) {
            wild++;
        }
        Object authority = metadata.get(GivenRoutes.AUTHORITY);
        return new One(
                String.valueOf(route.getId()),
                literal.substring(0, wild).isEmpty() ? "/" : literal.substring(0, wild),
                whole && wild == literal.length() && wild > 1,
                String.valueOf(cluster),
                uri,
                authority == null ? null : String.valueOf(authority),
                "stream".equals(metadata.get(BODY)));
    }

    static String pattern(RouteDefinition route) {
        for (PredicateDefinition predicate : route.getPredicates()) {
            if ("Path".equals(predicate.getName())) {
                for (String value : predicate.getArgs().values()) {
                    if (value.startsWith("/")) {
                        return value;
                    }
                }
            }
        }
        return "/**";
    }
}
