package dev.errand.autoconfigure;

import dev.errand.autoconfigure.ErrandProperties.Upstream;
import dev.errand.credential.SigV4Config;
import dev.errand.credential.StsConfig;
import dev.errand.operation.Effect;
import dev.errand.operation.OperationCatalogue;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;

/**
 * The rules for routes about whose requests other gateways ask.
 *
 * @param stays the prefixes of what the traffic port serves itself
 * @param upstreams the credentials, by name
 */
record AskedRules(Policies policies, List<String> stays, Map<String, Upstream> upstreams) {
    private static final String STREAM = "stream";
    private static final String AUTHZ = "authz";
    private static final String S3 = "s3";

    private static final Set<String> CHANGE_PATHS = Set.of(
            "StripPrefix", "PrefixPath", "RewritePath", "SetPath", "RewriteRequestParameter", "AddRequestParameter");

    List<RouteRules.RouteFault> check(List<RouteDefinition> routes) {
        List<RouteRules.RouteFault> faults = new ArrayList<>();
        for (RouteDefinition route : routes) {
            if (RouteRules.isForGateways(route)) {
                List<@Nullable String> found = new ArrayList<>();
                found.add(stays(AskedRoutes.pattern(route)));
                found.add(body(route));
                found.add(door(route));
                found.add(credential(route));
                found.forEach(fault -> {
                    if (fault != null) {
                        faults.add(new RouteRules.RouteFault(String.valueOf(route.getId()), fault));
                    }
                });
            }
        }
        return faults;
    }

    /** The gateway's own endpoints stay on the traffic port, whatever the routes say. */
    private @Nullable String stays(String pattern) {
        for (String own : stays) {
            String path = own.endsWith("/") ? own.substring(0, own.length() - 1) : own;
            // What a route takes is told for every route.
            if (!OwnPaths.takes(pattern, own) && (pattern.equals(path) || pattern.startsWith(path + "/"))) {
                return "has the path " + path + ", which stays on the traffic port: other gateways do not ask about it";
            }
        }
        return null;
    }

    private @Nullable String body(RouteDefinition route) {
        Object said = route.getMetadata().get(AskedRoutes.BODY);
        if (said == null) {
            return null;
        }
        if (!STREAM.equals(said)) {
            return "metadata: {errand-body: " + said + "} means nothing; the only value is 'stream'";
        }
        OperationCatalogue catalogue = catalogue(route);
        if (catalogue == null) {
            return null;
        }
        if (catalogue.readsBodies()) {
            return "has metadata: {errand-body: stream}, but its catalogue names operations by bodies: remove it";
        }
        String asking = asking(catalogue);
        return asking == null
                ? null
                : "has metadata: {errand-body: stream}, but the template " + asking
                        + " asks humans about its calls, and they are shown bodies: remove it";
    }

    /** The first template that asks humans about calls of that catalogue, or null. */
    private @Nullable String asking(OperationCatalogue catalogue) {
        return policies.templates().values().stream()
                .filter(template -> template.enforced().ask() != null)
                .filter(template -> template.grants().tools().keySet().stream()
                        .anyMatch(id -> catalogue.operation(id).isPresent()))
                .map(Template::name)
                .sorted()
                .findFirst()
                .orElse(null);
    }

    private static @Nullable String door(RouteDefinition route) {
        Object said = route.getMetadata().get(AskedRoutes.DOOR);
        if (said == null) {
            return null;
        }
        if (!AUTHZ.equals(said)) {
            return "metadata: {errand-door: " + said + "} means nothing; the only value is 'authz'";
        }
        return route.getFilters().stream()
                .map(FilterDefinition::getName)
                .filter(CHANGE_PATHS::contains)
                .findFirst()
                .map(name -> "has " + name + ": a gateway that asks by ext_authz cannot change the path; remove it")
                .orElse(null);
    }

    /** A credential goes to the upstream as fields of the request, and some of these sign the body. */
    private @Nullable String credential(RouteDefinition route) {
        for (FilterDefinition filter : route.getFilters()) {
            Upstream upstream =
                    FilterRule.CREDENTIAL.equals(filter.getName()) ? upstreams.get(RouteRules.first(filter)) : null;
            if (upstream != null && upstream.clientCertificate() != null) {
                return "has UpstreamCredential=" + RouteRules.first(filter) + ", a client certificate, but the other"
                        + " gateway makes the connection: give that gateway the certificate, and remove this filter";
            }
            if (upstream != null && STREAM.equals(route.getMetadata().get(AskedRoutes.BODY)) && signsBodies(upstream)) {
                return "has metadata: {errand-body: stream}, but UpstreamCredential=" + RouteRules.first(filter)
                        + " signs bodies: remove one of them";
            }
        }
        return null;
    }

    /** S3 takes a body that is not signed, other services do not. */
    private static boolean signsBodies(Upstream upstream) {
        SigV4Config own = upstream.sigv4();
        StsConfig role = upstream.sts();
        return (own != null && !S3.equals(own.service())) || (role != null && !S3.equals(role.service()));
    }

    private @Nullable OperationCatalogue catalogue(RouteDefinition route) {
        return route.getFilters().stream()
                .filter(filter -> "OperationMapping".equals(filter.getName()))
                .findFirst()
                .map(filter -> policies.catalogues().get(RouteRules.prefix(filter)))
                .orElse(null);
    }

    /** What {@code errand check} says of the routes: bodies that could stream, and what a gateway without answers is refused. */
    static List<String> notes(List<RouteDefinition> routes, Policies policies) {
        AskedRules rules = new AskedRules(policies, List.of(), Map.of());
        List<String> notes = new ArrayList<>();
        List<String> streams = new ArrayList<>();
        for (RouteDefinition route : routes) {
            OperationCatalogue catalogue = rules.catalogue(route);
            if (!RouteRules.isForGateways(route) || catalogue == null) {
                continue;
            }
            if (!route.getMetadata().containsKey(AskedRoutes.BODY)
                    && !catalogue.readsBodies()
                    && rules.asking(catalogue) == null) {
                streams.add(String.valueOf(route.getId()));
            }
            if (AUTHZ.equals(route.getMetadata().get(AskedRoutes.DOOR))) {
                notes.add(unseen(route, catalogue, policies));
            }
        }
        if (!streams.isEmpty()) {
            notes.add(0, "bodies could stream, by metadata: {errand-body: stream}: " + String.join(", ", streams));
        }
        return notes;
    }

    private static String unseen(RouteDefinition route, OperationCatalogue catalogue, Policies policies) {
        List<String> refused = new ArrayList<>();
        new TreeMap<>(policies.templates()).forEach((name, template) -> {
            if (template.enforced().needsAnswers()) {
                refused.add("every call of tasks of " + name);
            }
        });
        catalogue.reviewed(EnumSet.of(Effect.CONNECT)).stream()
                .map(operation -> operation.id())
                .sorted()
                .forEach(refused::add);
        refused.add("answers that last or are filtered (watch, follow, session.stream, lists of jsonrpc)");
        return "refused by ext_authz on route " + route.getId() + ": " + String.join("; ", refused);
    }
}
